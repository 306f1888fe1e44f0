using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Platform.Windows;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Windows;

/// <summary>What is told of a Windows, over whole trees; those of the story are kept as reports for others to look at.</summary>
public sealed class WindowsHostInventoryTests
{
    [Fact]
    public async Task A_the_probe_alone_is_one_board()
    {
        var seen = await CollectAsync("probe-only", WindowsTree.ProbeOnly());
        Assert.Equal(["1-1", "1-4"], seen.UsbDevices.Select(x => x.Location));
        var probe = seen.UsbDevices[1];
        Assert.Equal(
            ("STM32 STLink", "066DFF515055657867152312", "usbccgp", "USB Composite Device", "Universal Serial Bus controllers", 0, "USBXHCI"),
            (probe.Product, probe.SerialNumber, probe.Driver, probe.SystemName, probe.SystemClass, probe.Hubs, probe.HostController));
        Assert.Equal(
            [new SeenInterface(0, 0xFF, 0xFF, 0xFF, "WinUSB", "ST-Link Debug"), new SeenInterface(1, 8, 6, 0x50, "USBSTOR", "USB Mass Storage"), new SeenInterface(2, 2, 2, 1, "usbser", "ST-Link VCP Ctrl")],
            probe.Interfaces);
        Assert.Null(probe.Problem);
        Assert.Equal([("COM5", "1-4", (byte?)2, "usbser")], seen.SerialPorts.Select(x => (x.Name, x.UsbLocation, x.InterfaceNumber, x.Driver)));
        Assert.Equal([(@"E:\", "NODE_F767ZI", "1-4", "0818")], seen.Volumes.Select(x => (x.Path, x.Label, x.UsbLocation, x.MbedId)));
        Assert.Equal((HostKind.Windows, "Windows 10 (10.0.19045)", false, true), (seen.System.Kind, seen.System.Version, seen.System.IsElevated, seen.System.HasUsb));
        Assert.Empty(seen.Unseen);
        AssertBoard(seen, "NUCLEO-F767ZI", BoardMode.ProbeOnly, null);
    }

    [Fact]
    public async Task B_WinUSB_at_the_bootloader()
    {
        var seen = await CollectAsync("dfu-winusb", WindowsTree.WinUsb());
        var device = seen.UsbDevices.Single(x => x.ProductId == 0xDF11);
        Assert.Equal(
            ("1-2.3", "WinUSB", "STM32 BOOTLOADER", "Universal Serial Bus devices", 0, 1),
            (device.Location, device.Driver, device.SystemName, device.SystemClass, device.ProblemCode, device.Hubs));
        Assert.Equal(("STM32  BOOTLOADER", "205B33875532", (ushort)0x2200), (device.Product, device.SerialNumber, device.DeviceRelease));
        Assert.Equal([new SeenInterface(0, 0xFE, 1, 2, "WinUSB")], device.Interfaces);
        Assert.Null(device.Problem);
        AssertBoard(seen, "NUCLEO-F767ZI", BoardMode.Dfu, "1-2.3");
    }

    [Fact]
    public async Task C_STs_retired_driver_at_the_bootloader()
    {
        var seen = await CollectAsync("dfu-sttub30", WindowsTree.StTub30());
        var device = seen.UsbDevices.Single(x => x.ProductId == 0xDF11);
        Assert.Equal(("STTub30", "STM Device in DFU Mode", "Universal Serial Bus controllers"), (device.Driver, device.SystemName, device.SystemClass));
        Assert.Equal((AccessFailure.WrongDriver, "STTub30"), (device.Problem!.Failure, device.Problem.Driver));
        AssertBoard(seen, "NUCLEO-F767ZI", BoardMode.Dfu, "1-2.3");
    }

    [Fact]
    public async Task D_no_driver_at_the_bootloader()
    {
        var seen = await CollectAsync("dfu-no-driver", WindowsTree.NoDriver());
        var device = seen.UsbDevices.Single(x => x.ProductId == 0xDF11);
        Assert.Equal((null, "Other devices", 28, AccessFailure.NoDriver), (device.Driver, device.SystemClass, device.ProblemCode, device.Problem!.Failure));
        AssertBoard(seen, "NUCLEO-F767ZI", BoardMode.Dfu, "1-2.3");
    }

    [Fact]
    public async Task E_a_chip_without_a_USB_bootloader_shows_its_probe_whatever_BOOT0_is()
    {
        var seen = await CollectAsync("discovery-l0538", WindowsTree.Discovery());
        Assert.DoesNotContain(seen.UsbDevices, x => x.ProductId == 0xDF11);
        AssertBoard(seen, "32L0538DISCOVERY", BoardMode.ProbeOnly, null);
    }

    [Fact]
    public async Task Two_equal_boards_are_two_with_their_own_drives_and_ports()
    {
        using var tree = new WindowsTree();
        tree.StLink(4, 5, 'E', "NODE_F767ZI", "0818").Tree.StLink(1, 12, 'F', "NODE_F767ZI", "0818", "066EFF", tree.Outer);
        var boards = BoardJoin.Join(await tree.CollectAsync(), BoardDatabase.Default);
        Assert.Equal([("1-2.1", "COM12", @"F:\"), ("1-4", "COM5", @"E:\")], boards.Select(x => (x.Probe!.Location, x.SerialPorts.Single().Name, x.Volumes.Single().Path)));
        Assert.All(boards, x => Assert.Equal("NUCLEO-F767ZI", x.Name));
    }

    [Fact]
    public async Task A_port_behind_FTDIs_own_bus_is_that_of_its_device()
    {
        using var tree = new WindowsTree();
        var adapter = tree.Windows.Device(tree.Hub, 6, "VID_0403&PID_6001", "A50285BI", "0600")
            .List(DevicePropertyKey.CompatibleIds, @"USB\Class_FF&SubClass_FF&Prot_FF")
            .Text(DevicePropertyKey.DeviceDescription, "USB Serial Converter").Bind("FTDIBUS", "USB");
        tree.Windows.Node(@"FTDIBUS\VID_0403+PID_6001+A50285BIA\0000", adapter).Text(DevicePropertyKey.FriendlyName, "USB Serial Port (COM7)").Value("PortName", 1, "COM7\0").Bind("FTSER2K", "Ports");
        var port = Assert.Single((await tree.CollectAsync()).SerialPorts);
        Assert.Equal(("COM7", "1-6", null, "FTSER2K"), (port.Name, port.UsbLocation, port.InterfaceNumber, port.Driver));
        Assert.Equal(BoardMode.SerialAdapter, Assert.Single(BoardJoin.Join(await tree.CollectAsync(), BoardDatabase.Default)).Mode);
    }

    [Fact]
    public async Task What_failed_to_enumerate_is_there_with_its_code_and_heading()
    {
        using var tree = new WindowsTree();
        tree.Windows.Device(tree.Hub, 7, "VID_0000&PID_0002", "6&2C5F1A0B&0&7")
            .Text(DevicePropertyKey.DeviceDescription, "Unknown USB Device (Device Descriptor Request Failed)").Number(DevicePropertyKey.ProblemCode, 43).Text(DevicePropertyKey.Class, "USB");
        var seen = await tree.CollectAsync();
        var device = Assert.Single(seen.UsbDevices, x => x.VendorId == 0);
        Assert.Equal(
            ("1-7", 43, "Unknown USB Device (Device Descriptor Request Failed)", "Universal Serial Bus controllers", AccessFailure.EnumerationFailed),
            (device.Location, device.ProblemCode, device.SystemName, device.SystemClass, device.Problem!.Failure));
        Assert.Equal(BoardMode.Unreadable, Assert.Single(BoardJoin.Join(seen, BoardDatabase.Default)).Mode);
    }

    [Fact]
    public async Task The_computers_own_and_large_drives_are_not_looked_into()
    {
        using var tree = new WindowsTree();
        var stick = tree.Windows.Device(tree.Hub, 8, "VID_0781&PID_5567", "4C53").List(DevicePropertyKey.CompatibleIds, @"USB\Class_08&SubClass_06&Prot_50").Bind("USBSTOR", "USB");
        var disk = tree.Windows.Node(@"USBSTOR\DISK&VEN_SANDISK\4C53&0", stick).Bind("disk", "DiskDrive");
        tree.Windows.Node(@"STORAGE\Volume\_??_USBSTOR#1", disk).Text(DevicePropertyKey.DeviceObject, @"\Device\HarddiskVolume9");
        tree.System.Drive('G', 9, "STICK", 32L << 30, ("INFO_UF2.TXT", "Model: a trap")).Drive('H', 10, null, -1);
        Assert.Empty((await tree.CollectAsync()).Volumes);
        Assert.Equal([@"G:\"], tree.System.Asked);
    }

    [Fact]
    public async Task A_device_that_a_virtual_machine_or_WSL_has_keeps_its_problem()
    {
        using var tree = new WindowsTree();
        tree.Dfu(x => x.Text(DevicePropertyKey.DeviceDescription, "USBIP Shared Device").Bind("VBoxUSB", "USB"));
        var device = Assert.Single((await tree.CollectAsync()).UsbDevices, x => x.ProductId == 0xDF11);
        Assert.Equal((AccessFailure.InUse, "VBoxUSB"), (device.Problem!.Failure, device.Driver));
    }

    [Fact]
    public async Task A_Windows_that_does_not_tell_says_so()
    {
        using var tree = new WindowsTree();
        tree.Windows.Calling = _ => throw new EntryPointNotFoundException();
        var seen = await tree.CollectAsync();
        Assert.Single(seen.Unseen);
        Assert.Empty(seen.UsbDevices);
    }

    [Theory]
    [InlineData("10.0.22631.0", "Windows 11 (10.0.22631)")]
    [InlineData("10.0.19045.0", "Windows 10 (10.0.19045)")]
    public async Task The_version_is_named_as_people_know_it(string version, string expected)
    {
        using var tree = new WindowsTree();
        tree.System.Version = Version.Parse(version);
        tree.System.IsElevated = true;
        var system = (await tree.CollectAsync()).System;
        Assert.Equal((expected, true), (system.Version, system.IsElevated));
    }

    [Theory]
    [InlineData("USBDevice", "Universal Serial Bus devices")]
    [InlineData("USB", "Universal Serial Bus controllers")]
    [InlineData("ports", "Ports (COM & LPT)")]
    [InlineData(null, "Other devices")]
    [InlineData("libusb-win32 devices", "libusb-win32 devices")]
    public void Headings_are_Device_Managers(string? deviceClass, string expected) => Assert.Equal(expected, WindowsClassNames.Heading(deviceClass));

    private static void AssertBoard(HostInventory seen, string name, BoardMode mode, string? dfu)
    {
        var board = Assert.Single(BoardJoin.Join(seen, BoardDatabase.Default));
        Assert.Equal((name, mode, "1-4", dfu), (board.Name, board.Mode, board.Probe!.Location, board.DfuDevice?.Location));
    }

    // Kept beside the tests as what defuse doctor --from reads.
    private static async Task<HostInventory> CollectAsync(string name, WindowsTree tree)
    {
        using var windows = tree;
        var seen = await windows.CollectAsync();
        Assert.Equal(0, windows.Windows.OpenHandles);
        var json = System.Text.Encoding.UTF8.GetString(new HostInventoryFile { Program = "constructed by hand, of no machine", Inventory = seen }.ToUtf8());
        var path = Checkout.At("test", "Shared", "Trees", $"windows-10-{name}.json");
        if (Environment.GetEnvironmentVariable("DEFUSE_ACCEPT") == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllTextAsync(path, json, TestContext.Current.CancellationToken);
        }

        Assert.Equal((await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken)).ReplaceLineEndings("\n"), json);
        return seen;
    }
}
