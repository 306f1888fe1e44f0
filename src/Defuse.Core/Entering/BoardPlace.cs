using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Where a board is plugged in, for whoever waits for what comes there.</summary>
/// <param name="Usb">The host of its USB port.</param>
/// <param name="Serial">The host of its serial ports.</param>
/// <param name="Location">Its <see cref="UsbDeviceInfo.Location"/>.</param>
/// <param name="DeviceAddress">The address that the bus gave its bootloader, where it is known.</param>
/// <param name="Time">The clock that it is waited for on.</param>
public sealed record BoardPlace(IUsbHost Usb, ISerialHost Serial, string Location, byte? DeviceAddress, TimeProvider Time);
