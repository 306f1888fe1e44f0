using System.Globalization;
using Defuse.Diagnostics;
using Defuse.Platform.Windows;

namespace Defuse.Platform.Tests.Windows;

/// <summary>
/// A Windows 10 with a mouse, a hub, a disk of its own, and boards, with every property that the collector may ask for: constructed from
/// what users show of their Device Managers and from what Microsoft documents, and copied from no machine.
/// </summary>
internal sealed class WindowsTree : IDisposable
{
    // What the drivers' installations leave (STM32CubeProgrammer's, DfuSe's).
    private static readonly Guid CubeProgrammer = new("01105872-BF45-43BE-8B67-3C0F2B8CF0D9");
    private static readonly Guid StTube = new("3FE809AB-FB91-4CB5-A643-69670D52366E");
    private static readonly Guid StLinkDebug = new("DBCE1CD9-A320-4B51-A365-A0C3F3C5FB29");

    private int _volumes = 3;

    public WindowsTree()
    {
        Hub = Windows.Controller(0x14);
        Hub.Parent!.Text(DevicePropertyKey.Service, "USBXHCI").Text(DevicePropertyKey.Class, "USB").Text(DevicePropertyKey.DeviceDescription, "Intel(R) USB 3.1 eXtensible Host Controller - 1.10 (Microsoft)");
        Windows.Device(Hub, 1, "VID_046D&PID_C077", "6&2C5F1A0B&0&1", "7200")
            .List(DevicePropertyKey.CompatibleIds, @"USB\Class_03&SubClass_01&Prot_02", @"USB\Class_03&SubClass_01", @"USB\Class_03")
            .Text(DevicePropertyKey.BusReportedDescription, "USB Optical Mouse")
            .Text(DevicePropertyKey.DeviceDescription, "USB Input Device")
            .Bind("HidUsb", "HIDClass");
        Outer = Windows.Device(Hub, 2, "VID_05E3&PID_0610", "6&2C5F1A0B&0&2", "9226")
            .List(DevicePropertyKey.CompatibleIds, @"USB\Class_09&SubClass_00&Prot_02", @"USB\Class_09&SubClass_00", @"USB\Class_09")
            .Text(DevicePropertyKey.DeviceDescription, "Generic USB Hub")
            .Bind("USBHUB3", "USB");
        Windows.Node(@"STORAGE\Volume\{1f9d7c0a-0000-0000-0000-100000000000}#0000000000100000", Windows.Node(@"ROOT\volmgr\0000", null))
            .Text(DevicePropertyKey.DeviceObject, @"\Device\HarddiskVolume3");
        System.Drive('C', 3, "Windows", 500L << 30, ("INFO_UF2.TXT", "Model: a trap"));
    }

    public FakeWindows Windows { get; } = new();

    public FakeWindowsSystem System { get; } = new();

    /// <summary>The computer's own sockets.</summary>
    public FakeNode Hub { get; }

    /// <summary>A hub at socket 2.</summary>
    public FakeNode Outer { get; }

    /// <summary>(a) A NUCLEO-F767ZI whose ST-LINK alone is connected.</summary>
    public static WindowsTree ProbeOnly() => new WindowsTree().StLink(4, 5, 'E', "NODE_F767ZI", "0818").Tree;

    /// <summary>(b) It is in DFU mode too, and STM32CubeProgrammer's driver is bound to it: DfuSe shows nothing.</summary>
    public static WindowsTree WinUsb() => new WindowsTree().StLink(4, 5, 'E', "NODE_F767ZI", "0818").Tree.Dfu(
        x => x.Text(DevicePropertyKey.DeviceDescription, "STM32 BOOTLOADER").Bind("WinUSB", "USBDevice", CubeProgrammer));

    /// <summary>(c) DfuSe's own driver is bound to it.</summary>
    public static WindowsTree StTub30() => new WindowsTree().StLink(4, 5, 'E', "NODE_F767ZI", "0818").Tree.Dfu(
        x => x.Text(DevicePropertyKey.DeviceDescription, "STM Device in DFU Mode").Bind("STTub30", "USB", StTube));

    /// <summary>(d) No driver is.</summary>
    public static WindowsTree NoDriver() => new WindowsTree().StLink(4, 5, 'E', "NODE_F767ZI", "0818").Tree.Dfu(
        x => x.Text(DevicePropertyKey.DeviceDescription, "STM32  BOOTLOADER").Number(DevicePropertyKey.ProblemCode, 28));

    /// <summary>(e) A 32L0538DISCOVERY with BOOT0 tied high and both cables: its chip shows nothing.</summary>
    public static WindowsTree Discovery() => new WindowsTree().StLink(4, 5, 'E', "DIS_L053C8", "0805").Tree;

    public void Dispose() => System.Dispose();

    public Task<HostInventory> CollectAsync(WindowsLibraries libraries = default) =>
        new WindowsHostInventory(Windows, libraries, System).CollectAsync(TestContext.Current.CancellationToken).AsTask();

    /// <summary>An ST-LINK/V2-1 with its debug interface, its drive and its serial port.</summary>
    public (WindowsTree Tree, FakeNode Device) StLink(byte port, int com, char letter, string label, string mbedId, string serial = "066DFF515055657867152312", FakeNode? hub = null)
    {
        const string id = "VID_0483&PID_374B";
        var device = Windows.Device(hub ?? Hub, port, id, serial, "0100")
            .List(DevicePropertyKey.CompatibleIds, @"USB\DevClass_EF&SubClass_02&Prot_01", @"USB\DevClass_EF&SubClass_02", @"USB\DevClass_EF", @"USB\COMPOSITE")
            .Text(DevicePropertyKey.BusReportedDescription, "STM32 STLink")
            .Text(DevicePropertyKey.DeviceDescription, "USB Composite Device")
            .Bind("usbccgp", "USB");
        var end = string.Create(CultureInfo.InvariantCulture, $"7&{0x1A2B0000 + (port << 8) + com:X}&0&");
        Function(0, "FF&SubClass_FF&Prot_FF", "ST-Link Debug").Text(DevicePropertyKey.DeviceDescription, "ST-Link Debug").Bind("WinUSB", "USBDevice", StLinkDebug);
        var storage = Function(1, "08&SubClass_06&Prot_50", "USB Mass Storage").Text(DevicePropertyKey.DeviceDescription, "USB Mass Storage Device").Bind("USBSTOR", "USB");
        var disk = Windows.Node($@"USBSTOR\DISK&VEN_MBED&PROD_MICROCONTROLLER&REV_1.0\8&{port:X}1F2E3D&0&{serial}&0", storage)
            .Text(DevicePropertyKey.FriendlyName, "MBED microcontroller USB Device")
            .Bind("disk", "DiskDrive");
        var volume = ++_volumes;
        Windows.Node($@"STORAGE\Volume\_??_USBSTOR#Disk&Ven_MBED&Prod_microcontroller&Rev_1.0#8&{port:X}1F2E3D&0&{serial}&0#{{53f56307-b6bf-11d0-94f2-00a0c91efb8b}}", disk)
            .Text(DevicePropertyKey.DeviceObject, $@"\Device\HarddiskVolume{volume}")
            .Text(DevicePropertyKey.FriendlyName, label)
            .Bind("volume", "Volume");
        System.Drive(
            letter, volume, label, 1 << 20,
            ("MBED.HTM", $"<meta http-equiv=\"refresh\" content=\"0; url=http://mbed.org/device/?code={mbedId}{serial}\"/>"), ("DETAILS.TXT", "Version: 0221\r\nBuild: Mar 11 2019\r\n"));
        Function(2, "02&SubClass_02&Prot_01", "ST-Link VCP Ctrl")
            .Text(DevicePropertyKey.DeviceDescription, "USB Serial Device")
            .Text(DevicePropertyKey.FriendlyName, $"USB Serial Device (COM{com})")
            .Value("PortName", 1, $"COM{com}\0")
            .Bind("usbser", "Ports");
        return (this, device);

        FakeNode Function(int number, string code, string name) => Windows.Node($@"USB\{id}&MI_{number:00}\{end}{number:0000}", device)
            .List(DevicePropertyKey.HardwareIds, $@"USB\{id}&REV_0100&MI_{number:00}", $@"USB\{id}&MI_{number:00}")
            .List(DevicePropertyKey.CompatibleIds, $@"USB\Class_{code}", $@"USB\Class_{code[..2]}")
            .Text(DevicePropertyKey.BusReportedDescription, name);
    }

    /// <summary>The chip's own USB, in DFU mode, behind the hub.</summary>
    public WindowsTree Dfu(Action<FakeNode> bind, byte port = 3, string end = "205B33875532")
    {
        bind(Windows.Board(Outer, port, end));
        return this;
    }
}
