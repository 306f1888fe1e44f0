namespace Defuse.Platform.Windows;

/// <summary>Which libraries there are to open devices with, apart from winusb.dll, which is a part of Windows.</summary>
/// <param name="HasLibUsbK">libusbK.dll, which reaches devices that libusbK is bound to.</param>
/// <param name="HasLibUsb">libusb-1.0.dll; with libusbK.dll it reaches devices that libusb0 is bound to, too.</param>
internal readonly record struct WindowsLibraries(bool HasLibUsbK, bool HasLibUsb);
