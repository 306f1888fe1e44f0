using Defuse.Simulator;
using Defuse.Transports;

namespace Defuse;

/// <summary>A simulated board's USB device; closing it gives the board's file back.</summary>
internal sealed class SimulatedUsbDevice(IUsbDevice device, SimulatedBoard board) : IUsbDevice
{
    public UsbDeviceInfo Info => device.Info;

    public TimeProvider Time => device.Time;

    public ValueTask<int> ControlInAsync(UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken) =>
        device.ControlInAsync(setup, buffer, timeout, cancellationToken);

    public ValueTask ControlOutAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken) =>
        device.ControlOutAsync(setup, data, timeout, cancellationToken);

    public ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken) =>
        device.ClaimInterfaceAsync(interfaceNumber, cancellationToken);

    public ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken) =>
        device.SelectAlternateSettingAsync(interfaceNumber, alternateSetting, cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await device.DisposeAsync().ConfigureAwait(false);
        board.Dispose();
    }
}
