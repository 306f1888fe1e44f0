using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>Says why a device cannot be opened on Windows, and what to do.</summary>
/// <remarks>The words are made from documents and from what users report; nobody has followed them on Windows yet.</remarks>
internal static class WindowsAccess
{
    public const string WinUsb = "WinUSB";
    public const string LibUsbK = "libusbK";

    private const string NoDfuSe = "ST's DfuSe will not see the board from then on, and Defuse does what it did";

    /// <summary>Null if nothing is known to stand in the way.</summary>
    /// <param name="device">The device, without its problem.</param>
    /// <param name="function">What is to be opened of it.</param>
    /// <param name="runsProgram">Whether it runs a program, which its driver belongs to.</param>
    /// <param name="libraries">What there is to open it with.</param>
    public static AccessProblem? Problem(UsbDeviceInfo device, WindowsUsbFunction function, bool runsProgram, WindowsLibraries libraries)
    {
        var bind = runsProgram
            ? "Start its bootloader by its button or jumper and use that; leave the driver of a device alone that is no board of yours"
            : BindWinUsb(device);
        if (device.VendorId == 0)
        {
            return new(AccessFailure.EnumerationFailed, Failed(device, function.ProblemCode), "If it is your board: plug it in again, with another cable (one that carries data) and at another port, best behind a USB 2.0 hub; check the board's supply and its crystal, without which a bootloader's USB fails");
        }

        if (function.ProblemCode != WindowsProblemCode.None)
        {
            return OfCode(function, bind);
        }

        return function.Service is { } service ? OfService(device, function, service, libraries, bind) : NoDriver(28, bind);
    }

    /// <summary>What is wrong with a device that WinUSB or libusbK is bound to and that has no interface to open.</summary>
    public static AccessProblem NoInterface(UsbDeviceInfo device, WindowsUsbFunction function) => new(
        AccessFailure.WrongDriver,
        function.InterfaceGuids.IsEmpty
            ? $"{function.Service} is bound to it, but its installation names no device interface (DeviceInterfaceGUIDs), so that no program can open it"
            : $"{function.Service} is bound to it, but none of the device interfaces that its installation names is there ({string.Join(", ", function.InterfaceGuids.Select(x => x.ToString("B")))})",
        (function.InterfaceGuids.IsEmpty ? "" : "Plug it in again; if that does not help: ") + BindWinUsb(device))
    { Driver = function.Service };

    private static AccessProblem OfCode(WindowsUsbFunction function, string bind)
    {
        var code = function.ProblemCode;
        var kind = WindowsProblemCode.Kind(code);
        if (kind == AccessFailure.NoDriver)
        {
            return NoDriver(code, bind);
        }

        var remedy = kind == AccessFailure.WrongDriver ? bind : code switch
        {
            WindowsProblemCode.Disabled => "Switch it on: in Device Manager, right-click it and choose Enable device",
            14 => "Restart Windows",
            WindowsProblemCode.HeldForEject => "Plug it in again",
            WindowsProblemCode.UsedByDebugger => "Switch the kernel debugger over USB off, or use another port",
            _ => $"Plug it in again, and at another port; if Device Manager still shows code {code}: {bind}",
        };
        return new(kind, $"Windows {WindowsProblemCode.Meaning(code)} (code {code})", remedy) { Driver = function.Service };
    }

    private static AccessProblem? OfService(
        UsbDeviceInfo device, WindowsUsbFunction function, string service, WindowsLibraries libraries, string bind)
    {
        bool Is(string name) => string.Equals(service, name, StringComparison.OrdinalIgnoreCase);
        AccessProblem Wrong(string reason, string remedy) => new(AccessFailure.WrongDriver, reason, remedy) { Driver = service };
        if (Is(WinUsb) || (Is(LibUsbK) && libraries.HasLibUsbK))
        {
            return function.InterfaceGuids.IsEmpty ? NoInterface(device, function) : null;
        }

        if (Is(LibUsbK))
        {
            return new(
                AccessFailure.LibraryMissing,
                "libusbK is bound to it, and libusbK.dll, which that driver is reached through, is not there",
                $"Install libusbK, which puts libusbK.dll into Windows' folder System32, or: {bind}")
            { Driver = service };
        }

        if (Is("libusb0"))
        {
            return libraries is { HasLibUsb: true, HasLibUsbK: true }
                ? null
                : Wrong("libusb-win32's driver (libusb0) is bound to it, which is reached through libusb-1.0.dll with libusbK.dll only", bind);
        }

        if (Is("VBoxUSB"))
        {
            return new(
                AccessFailure.InUse,
                "it is attached to WSL, a virtual machine or another computer (VBoxUSB, the driver of usbipd-win and VirtualBox, is bound to it)",
                "Use it there, or take it back: `usbipd list` shows its BUSID, `usbipd detach --busid BUSID` and `usbipd unbind --busid BUSID` free it; in VirtualBox, untick it under Devices > USB")
            { Driver = service };
        }

        if (Is("STTub30"))
        {
            return Wrong(
                "ST's retired DfuSe driver (STTub30) is bound to it, which only ST's old tools can use (DfuSe Demo)",
                $"{bind}. {NoDfuSe}; to go back: Device Manager > Update driver > Browse my computer > Let me pick > STM Device in DFU Mode");
        }

        return Is("usbser")
            ? Wrong("Windows' driver for serial ports (usbser) is bound to it, through which DFU cannot be spoken", bind)
            : Wrong($"the driver {service} is bound to it, through which DFU cannot be spoken", bind);
    }

    private static AccessProblem NoDriver(uint code, string bind) =>
        new(AccessFailure.NoDriver, $"Windows has no driver for it (code {code})", bind);

    // ST licenses its driver for ST's devices only, and it names their USB id.
    private static string BindWinUsb(UsbDeviceInfo device)
    {
        var zadig = $"Zadig (zadig.akeo.ie): Options > List All Devices, choose \"{device.Product ?? "the board"}\" with USB ID {device.VendorId:X4} {device.ProductId:X4} and no other, WinUSB, then Install Driver (or Replace Driver)";
        return device is { VendorId: 0x0483, ProductId: 0xDF11 }
            ? $"Bind WinUSB to it: install the driver that comes with STM32CubeProgrammer, or use {zadig}; then plug the board in again"
            : $"Bind WinUSB to it with {zadig}; then plug the board in again";
    }

    private static string Failed(UsbDeviceInfo device, uint code)
    {
        var why = device.Product is { } text ? $": {text}" : "";
        return code == WindowsProblemCode.None
            ? $"Windows could not read the descriptors of what is plugged in here{why}"
            : $"Windows could not read the descriptors of what is plugged in here (code {code}){why}";
    }
}
