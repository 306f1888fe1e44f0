using System.Text;
using Defuse.Platform.Windows;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Windows;

/// <summary>What is told of Windows' devices, over trees made from what users' Device Managers show.</summary>
public sealed class InventoryTests
{
    private static readonly Guid CubeProgrammer = new("01105872-BF45-43BE-8B67-3C0F2B8CF0D9");
    private static readonly Guid Qmk = new("6d98a87f-4ecf-464d-89ed-8c684d857a75");
    private static readonly UsbInterfaceInfo DfuMode = new(0xFE, 1, 2);

    private readonly FakeWindows _windows = new();
    private readonly FakeNode _hub;
    private WindowsLibraries _libraries;

    public InventoryTests() => _hub = _windows.Controller(0x14);

    [Fact]
    public async Task A_board_is_described_by_what_the_bus_driver_knows()
    {
        _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", CubeProgrammer);
        var device = Assert.Single(await DevicesAsync());
        Assert.Equal(
            ("1-4", (ushort)0x0483, (ushort)0xDF11, (ushort)0x2200, "STM32  BOOTLOADER", "205B33875532"),
            (device.Info.Location, device.Info.VendorId, device.Info.ProductId, device.Info.DeviceRelease, device.Info.Product, device.Info.SerialNumber));
        Assert.Equal([DfuMode], device.Info.Interfaces);
        Assert.Null(device.Info.Problem);
        Assert.Equal(("WinUSB", "USBDevice", 0u), (device.Main.Service, device.Main.DeviceClass, device.Main.ProblemCode));
        Assert.Equal("PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(4)", device.LocationPaths[0]);
        Assert.Equal([CubeProgrammer], device.Main.InterfaceGuids);
        Assert.Equal(0, _windows.OpenHandles);
    }

    [Fact]
    public async Task STs_retired_driver_is_named_and_what_to_do()
    {
        _windows.Board(_hub, 4).Bind("STTub30", "USB", new Guid("3FE809AB-FB91-4CB5-A643-69670D52366E"));
        var problem = await ProblemAsync();
        Assert.Equal((AccessFailure.WrongDriver, "STTub30"), (problem.Failure, problem.Driver));
        Assert.Contains("STTub30", problem.Reason, StringComparison.Ordinal);
        foreach (var word in (string[])["WinUSB", "STM32CubeProgrammer", "Zadig", "DfuSe will not see", "STM Device in DFU Mode", "0483 DF11"])
        {
            Assert.Contains(word, problem.Remedy, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("01105872-bf45-43be-8b67-3c0f2b8cf0d9")]
    [InlineData("6d98a87f-4ecf-464d-89ed-8c684d857a75")]
    [InlineData("dee824ef-729b-4a0e-9c14-b7117d33a817")]
    public async Task WinUSB_is_fine_whatever_GUID_it_was_installed_with(string guid)
    {
        _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", new Guid(guid));
        var device = Assert.Single(await DevicesAsync());
        Assert.Null(device.Info.Problem);
        Assert.Equal([new Guid(guid)], device.Main.InterfaceGuids);
    }

    [Fact]
    public async Task WinUSB_by_the_devices_own_descriptors_has_its_class_behind_the_compatible_id_of_Microsoft()
    {
        _windows.Device(_hub, 2, "VID_0483&PID_DF11", "336D33573235")
            .List(DevicePropertyKey.CompatibleIds, @"USB\MS_COMP_WINUSB", @"USB\Class_FE&SubClass_01&Prot_02", @"USB\Class_FE&SubClass_01", @"USB\Class_FE")
            .Text(DevicePropertyKey.BusReportedDescription, "Pyboard DFU")
            .Bind("WINUSB", "USBDevice", Qmk);
        var device = Assert.Single(await DevicesAsync());
        Assert.Equal([DfuMode], device.Info.Interfaces);
        Assert.Null(device.Info.Problem);
    }

    [Fact]
    public async Task LibusbK_needs_its_library()
    {
        _windows.Board(_hub, 4).Bind("libusbK", "libusbK devices", Qmk);
        var problem = await ProblemAsync();
        Assert.Equal((AccessFailure.LibraryMissing, "libusbK"), (problem.Failure, problem.Driver));
        Assert.Contains("libusbK.dll", problem.Remedy, StringComparison.Ordinal);
        _libraries = new(HasLibUsbK: true, HasLibUsb: false);
        Assert.Null(Assert.Single(await DevicesAsync()).Info.Problem);
    }

    [Theory]
    [InlineData(false, false, AccessFailure.WrongDriver)]
    [InlineData(true, false, AccessFailure.WrongDriver)]
    [InlineData(false, true, AccessFailure.WrongDriver)]
    [InlineData(true, true, null)]
    public async Task Libusb0_is_reached_through_libusb_with_libusbK_only(bool hasLibUsbK, bool hasLibUsb, AccessFailure? expected)
    {
        _libraries = new(hasLibUsbK, hasLibUsb);
        _windows.Board(_hub, 4).Bind("libusb0", "libusb-win32 devices");
        Assert.Equal(expected, Assert.Single(await DevicesAsync()).Info.Problem?.Failure);
    }

    [Theory]
    [InlineData("usbser", AccessFailure.WrongDriver)]
    [InlineData("HidUsb", AccessFailure.WrongDriver)]
    [InlineData("VBoxUSB", AccessFailure.InUse)]
    public async Task Any_other_driver_is_named(string service, AccessFailure expected)
    {
        _windows.Board(_hub, 4).Bind(service, "Ports");
        var problem = await ProblemAsync();
        Assert.Equal((expected, service), (problem.Failure, problem.Driver));
        Assert.Contains(service, problem.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_driver_is_code_28_or_no_service()
    {
        _windows.Board(_hub, 1, "A").Number(DevicePropertyKey.ProblemCode, 28);
        _windows.Board(_hub, 2, "B");
        foreach (var device in await DevicesAsync())
        {
            Assert.Equal(AccessFailure.NoDriver, device.Info.Problem!.Failure);
            Assert.Null(device.Info.Problem.Driver);
            Assert.Contains("code 28", device.Info.Problem.Reason, StringComparison.Ordinal);
            Assert.Contains("Zadig", device.Info.Problem.Remedy, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task STs_driver_is_recommended_for_STs_id_only()
    {
        _windows.Board(_hub, 1, "A", "VID_28E9&PID_0189").Number(DevicePropertyKey.ProblemCode, 28);
        var remedy = (await ProblemAsync()).Remedy;
        Assert.DoesNotContain("CubeProgrammer", remedy, StringComparison.Ordinal);
        Assert.Contains("28E9 0189", remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(10u, AccessFailure.EnumerationFailed, "could not start")]
    [InlineData(22u, AccessFailure.EnumerationFailed, "switched off")]
    [InlineData(43u, AccessFailure.EnumerationFailed, "reported a failure")]
    [InlineData(52u, AccessFailure.WrongDriver, "signature")]
    [InlineData(53u, AccessFailure.InUse, "debugger")]
    [InlineData(4711u, AccessFailure.EnumerationFailed, "code 4711")]
    public async Task A_code_is_told_with_its_meaning(uint code, AccessFailure expected, string words)
    {
        _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice", CubeProgrammer).Number(DevicePropertyKey.ProblemCode, code);
        var problem = await ProblemAsync();
        Assert.Equal((expected, "WinUSB"), (problem.Failure, problem.Driver));
        Assert.Contains(words, problem.Reason, StringComparison.Ordinal);
        Assert.Contains($"code {code}", problem.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_Windows_could_not_make_out_may_be_the_board()
    {
        _windows.Device(_hub, 3, "VID_0000&PID_0002", "5&2BF2F0A3&0&3", "0000")
            .List(DevicePropertyKey.HardwareIds, @"USB\DEVICE_DESCRIPTOR_FAILURE")
            .List(DevicePropertyKey.CompatibleIds, @"USB\DEVICE_DESCRIPTOR_FAILURE")
            .Text(DevicePropertyKey.DeviceDescription, "Unknown USB Device (Device Descriptor Request Failed)")
            .Number(DevicePropertyKey.ProblemCode, 43);
        var device = Assert.Single(await DevicesAsync());
        Assert.Equal(("1-3", null), (device.Info.Location, device.Info.SerialNumber));
        Assert.Equal(AccessFailure.EnumerationFailed, device.Info.Problem!.Failure);
        Assert.Contains("code 43", device.Info.Problem.Reason, StringComparison.Ordinal);
        Assert.Contains("Device Descriptor Request Failed", device.Info.Problem.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task WinUSB_without_a_GUID_cannot_be_opened_and_says_so()
    {
        _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice");
        var problem = await ProblemAsync();
        Assert.Equal((AccessFailure.WrongDriver, "WinUSB"), (problem.Failure, problem.Driver));
        Assert.Contains("DeviceInterfaceGUIDs", problem.Reason, StringComparison.Ordinal);
        Assert.Contains("Zadig", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GUIDs_are_read_from_both_values_whatever_else_they_hold()
    {
        var board = _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice");
        board.Value("DeviceInterfaceGUIDs", 7, $"nonsense\0{{{CubeProgrammer}\0{CubeProgrammer:B}\0\0{Guid.NewGuid():B}\0");
        board.Value("DeviceInterfaceGUID", 1, Qmk.ToString("B"));
        Assert.Equal([CubeProgrammer, Qmk], Assert.Single(await DevicesAsync()).Main.InterfaceGuids);
        board.Value("DeviceInterfaceGUIDs", 4, "\0\0");
        board.Value("DeviceInterfaceGUID", 1, "");
        Assert.Empty(Assert.Single(await DevicesAsync()).Main.InterfaceGuids);
    }

    [Fact]
    public async Task Hostile_texts_end_up_short_and_printable()
    {
        var board = _windows.Board(_hub, 4).Bind("Win\u001b[31mUSB\r\n", "x");
        board.Text(DevicePropertyKey.BusReportedDescription, "\u001b]0;owned\a" + new string('A', 20_000));
        board.Value("DeviceInterfaceGUIDs", 7, new string('{', 100_000));
        board.Properties[DevicePropertyKey.LocationPaths] = (DevicePropertyKey.TypeStringList, [1, 2, 3]);
        board.Properties[DevicePropertyKey.HardwareIds] = (DevicePropertyKey.TypeString, Encoding.Unicode.GetBytes("USB"));
        var device = Assert.Single(await DevicesAsync());
        Assert.Equal("Win[31mUSB", device.Main.Service);
        Assert.True(device.Info.Product!.Length <= 128);
        Assert.DoesNotContain(device.Info.Product, char.IsControl);
        Assert.Equal("1-4", device.Info.Location);
        Assert.Equal(0, _windows.OpenHandles);
    }

    [Fact]
    public async Task A_device_of_which_nothing_but_its_id_is_known_is_still_listed()
    {
        _windows.Node(@"USB\VID_0483&PID_DF11\ABC", null);
        var device = Assert.Single(await DevicesAsync());
        Assert.Equal((@"USB\VID_0483&PID_DF11\ABC", "ABC", null), (device.Info.Location, device.Info.SerialNumber, device.Info.Product));
        Assert.Empty(device.Info.Interfaces);
        Assert.Equal(AccessFailure.NoDriver, device.Info.Problem!.Failure);
    }

    [Fact]
    public async Task Places_are_ports_behind_the_bus_that_libusb_would_count()
    {
        var second = _windows.Controller(0x15);
        var outer = _windows.Device(second, 3, "VID_05E3&PID_0610", "6&1&0&3").Bind("USBHUB3", "USB");
        var inner = _windows.Device(outer, 11, "VID_05E3&PID_0608", "7&1&0&1").Bind("USBHUB3", "USB");
        _windows.Board(inner, 2, "A");
        _windows.Board(inner, 10, "B");
        _windows.Board(_hub, 12, "C");
        Assert.Equal(["1-12", "2-3.11.2", "2-3.11.10"], (await DevicesAsync()).Select(x => x.Info.Location));
    }

    [Fact]
    public async Task Where_location_paths_are_missing_the_hubs_ports_tell()
    {
        var outer = _windows.Device(_hub, 3, "VID_05E3&PID_0610", "6&1&0&3").Bind("USBHUB3", "USB");
        var board = _windows.Board(outer, 2);
        board.Properties.Remove(DevicePropertyKey.LocationPaths);
        Assert.Equal("1-3.2", Assert.Single(await DevicesAsync()).Info.Location);
        board.Number(DevicePropertyKey.Address, 0);
        Assert.Equal(board.InstanceId, Assert.Single(await DevicesAsync()).Info.Location);
    }

    [Fact]
    public async Task Boards_with_one_serial_number_are_told_apart_by_their_ports()
    {
        _windows.Board(_hub, 1, "200364500000");
        _windows.Board(_hub, 2, "6&1A2B3C4D&0&2");
        var devices = await DevicesAsync();
        Assert.Equal(["1-1", "1-2"], devices.Select(x => x.Info.Location));
        Assert.Equal(["200364500000", null], devices.Select(x => x.Info.SerialNumber));
    }

    [Fact]
    public async Task A_composite_device_is_one_device_with_its_functions()
    {
        var device = _windows.Device(_hub, 5, "VID_0483&PID_5741", "3170")
            .List(DevicePropertyKey.CompatibleIds, @"USB\DevClass_00&SubClass_00&Prot_00", @"USB\COMPOSITE")
            .Bind("usbccgp", "USB");
        var dfu = _windows.Node(@"USB\VID_0483&PID_5741&MI_02\7&1234&0&0002", device)
            .List(DevicePropertyKey.CompatibleIds, @"USB\Class_FE&SubClass_01&Prot_01", @"USB\Class_FE")
            .Bind("WinUSB", "USBDevice", Qmk);
        _windows.Node(@"USB\VID_0483&PID_5741&MI_00\7&1234&0&0000", device)
            .List(DevicePropertyKey.CompatibleIds, @"USB\Class_02&SubClass_02&Prot_01")
            .Bind("usbser", "Ports");
        var found = Assert.Single(await DevicesAsync());
        Assert.Equal([new UsbInterfaceInfo(2, 2, 1), new UsbInterfaceInfo(0xFE, 1, 1)], found.Info.Interfaces);
        Assert.Equal((dfu.InstanceId, (byte?)2), (found.Main.InstanceId, found.Main.FirstInterface));
        Assert.Null(found.Info.Problem);

        dfu.Text(DevicePropertyKey.Service, "BthUsb");
        var problem = await ProblemAsync();
        Assert.Equal((AccessFailure.WrongDriver, "BthUsb"), (problem.Failure, problem.Driver));
        Assert.DoesNotContain("Zadig", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_has_nothing_to_do_with_DFU_is_not_listed()
    {
        _windows.Device(_hub, 1, "VID_046D&PID_C52B", "5&1&0&1").List(DevicePropertyKey.CompatibleIds, @"USB\Class_03&SubClass_01&Prot_01").Bind("HidUsb", "HIDClass");
        _windows.Device(_hub, 2, "VID_0483&PID_374B", "066D").List(DevicePropertyKey.CompatibleIds, @"USB\COMPOSITE").Bind("usbccgp", "USB");
        Assert.Empty(await DevicesAsync());
    }

    [Fact]
    public async Task Three_hundred_devices_are_listed_in_the_order_of_their_places()
    {
        for (var i = 0; i < 300; i++)
        {
            _windows.Board(_hub, (byte)(1 + (i * 7 % 255)), $"{i:X12}").Bind("WinUSB", "USBDevice", CubeProgrammer);
        }

        var devices = await DevicesAsync();
        Assert.Equal(300, devices.Count);
        Assert.Equal(devices.Select(x => int.Parse(x.Info.Location[2..], null)).Order(), devices.Select(x => int.Parse(x.Info.Location[2..], null)));
        Assert.Equal(0, _windows.OpenHandles);
    }

    [Fact]
    public async Task A_list_that_grows_between_its_size_and_itself_is_asked_for_again()
    {
        var more = 3;
        _windows.Board(_hub, 1, "A");
        _windows.Calling = call =>
        {
            if (call == nameof(IWindowsDeviceTree.GetDeviceIdList) && more-- > 0)
            {
                _windows.Board(_hub, (byte)(10 + more), $"B{more}");
            }
        };
        Assert.Equal(4, (await DevicesAsync()).Count);
    }

    [Fact]
    public async Task A_device_that_leaves_while_it_is_looked_at_harms_no_other_one()
    {
        var leaving = _windows.Board(_hub, 1, "A");
        _windows.Board(_hub, 2, "B");
        var calls = 0;
        _windows.Calling = call =>
        {
            if (call == nameof(IWindowsDeviceTree.GetDevNodeProperty) && ++calls == 4)
            {
                _windows.Plug(leaving, isPresent: false);
            }
        };
        Assert.Equal("B", (await DevicesAsync())[^1].Info.SerialNumber);
        Assert.Equal(["B"], (await DevicesAsync()).Select(x => x.Info.SerialNumber));
    }

    [Fact]
    public async Task A_Windows_without_the_calls_is_no_crash()
    {
        _windows.Calling = _ => throw new EntryPointNotFoundException();
        var e = await Assert.ThrowsAsync<TransportException>(DevicesAsync);
        Assert.Equal(TransportFailure.Fault, e.Failure);
        Assert.Contains("sim:", e.Remedy, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<WindowsUsbDevice>> DevicesAsync() =>
        await new WindowsInventory(_windows, _libraries).DevicesAsync(TestContext.Current.CancellationToken);

    private async Task<AccessProblem> ProblemAsync() => Assert.Single(await DevicesAsync()).Info.Problem!;
}
