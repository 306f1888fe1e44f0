using Defuse.Devices;
using Defuse.Diagnostics;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>What is plugged in, joined into what a person calls boards.</summary>
public class BoardJoinTests
{
    private const string F76x = "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg";
    private const string F411 = "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg";

    [Fact]
    public void A_probe_with_its_drive_and_port_is_one_board_named_by_its_drive()
    {
        var board = Assert.Single(Join([StLink("1-1")], [Port("COM5", "1-1")], [Mbed(@"E:\", "1-1", "08180221066DFF5454")]));
        Assert.Equal(("NUCLEO-F767ZI", BoardMode.ProbeOnly, "NUCLEO-F767ZI"), (board.Name, board.Mode, board.Profile!.Name));
        Assert.Equal(("1-1", "COM5", @"E:\"), (board.Probe!.Location, board.SerialPorts[0].Name, board.Volumes[0].Path));
        Assert.Equal([@"the drive E:\ has the board id 0818, that of NUCLEO-F767ZI"], board.Evidence);
        Assert.Null(board.DfuDevice);
    }

    [Theory]
    [InlineData("NODE_F767ZI", "NUCLEO-F767ZI")]
    [InlineData("NOD_H743ZI2", "NUCLEO-H743ZI2")]
    [InlineData("DIS_L053C8", "32L0538DISCOVERY")]
    [InlineData("DIS_F429ZI", "32F429IDISCOVERY")]
    [InlineData("DIS_F407", null)]
    [InlineData("NODE_X999ZZ", null)]
    [InlineData("NODE_", null)]
    [InlineData("USB DISK", null)]
    public void A_drives_name_tells_the_board_where_its_files_do_not(string label, string? expected)
    {
        var board = Assert.Single(Join([StLink("1-1")], volumes: [new SeenVolume { Label = label, UsbLocation = "1-1" }]));
        Assert.Equal(expected, board.Profile?.Name);
        Assert.Equal(expected ?? "a board with ST-LINK/V2-1", board.Name);
    }

    [Fact]
    public void What_is_in_DFU_mode_is_the_board_on_the_probe_when_only_it_has_that_flash()
    {
        SeenUsbDevice[] devices = [Rom("1-2", F76x), StLink("1-1"), Rom("1-3", F411)];
        var boards = Join(devices, [Port("COM5", "1-1")], [Mbed(@"E:\", "1-1", "0818")]);
        Assert.Equal(["NUCLEO-F767ZI", "STM32 BOOTLOADER"], boards.Select(x => x.Name));
        Assert.Equal((BoardMode.Dfu, "1-2", "1-1"), (boards[0].Mode, boards[0].DfuDevice!.Location, boards[0].Probe!.Location));
        Assert.Equal(["1-1", "1-2"], boards[0].UsbDevices.Select(x => x.Location));
        Assert.Contains(boards[0].Evidence, x => x.Contains("1-2", StringComparison.Ordinal));
        Assert.Null(boards[1].Profile);
    }

    [Fact]
    public void What_the_bootloader_said_when_it_was_opened_counts_where_the_system_tells_no_memories()
    {
        var condition = new DfuCondition { Location = "1-2", Address = "dfu:usb-1-2", Chips = [ChipDatabase.Default.FindId(0x451)!.Name] };
        SeenUsbDevice[] devices = [Rom("1-2", name: null), StLink("1-1")];
        SeenVolume[] volumes = [Mbed(@"E:\", "1-1", "0818")];
        var board = Assert.Single(Join(devices, [], volumes, condition));
        Assert.Equal((BoardMode.Dfu, condition), (board.Mode, board.Dfu));
        Assert.False(board.IsProbable);
        Assert.Equal(2, Join(devices, [], volumes, condition with { Chips = ["another chip"] }).Length);
    }

    [Fact]
    public void The_only_bootloader_that_may_be_the_boards_probably_is_where_it_cannot_be_asked()
    {
        var board = Assert.Single(Join([Rom("1-2", name: null), StLink("1-1")], [], [Mbed(@"E:\", "1-1", "0818")]));
        Assert.Equal((BoardMode.Dfu, true, "1-2"), (board.Mode, board.IsProbable, board.DfuDevice!.Location));
        Assert.Contains("probably", board.Evidence[^1], StringComparison.Ordinal);

        // A chip without a USB bootloader, one whose bootloaders have other releases, a board without a socket for it, and a clone's bootloader.
        Assert.Equal(2, Join([Rom("1-2", name: null), StLink("1-1")], [], [Mbed(@"E:\", "1-1", "0805")]).Length);
        Assert.Equal(2, Join([Rom("1-2", name: null), StLink("1-1")], [], [Mbed(@"E:\", "1-1", "0813")]).Length);
        Assert.Equal(2, Join([Rom("1-2", name: null) with { VendorId = 0x2E3C }, StLink("1-1")], [], [Mbed(@"E:\", "1-1", "0818")]).Length);
    }

    [Fact]
    public void Two_that_may_both_be_the_probes_board_are_left_apart()
    {
        SeenVolume[] volumes = [Mbed(@"E:\", "1-1", "0818")];
        Assert.Equal(3, Join([StLink("1-1"), Rom("1-2", F76x), Rom("1-3", F76x)], [], volumes).Length);
        Assert.Equal(3, Join([StLink("1-1"), Rom("1-2", F76x), Rom("1-3", name: null)], [], volumes).Length);

        // Of a probe whose board is not known, everything may be the chip.
        Assert.Equal(3, Join([StLink("1-1"), StLink("1-4"), Rom("1-2", F76x)], [], volumes).Length);
        Assert.Equal(4, Join([StLink("1-1"), StLink("1-4"), Rom("1-2", F76x), Rom("1-3", F76x)], [], [.. volumes, Mbed(@"F:\", "1-4", "0818")]).Length);
    }

    [Fact]
    public void Two_probes_with_their_own_chips_are_two_boards()
    {
        var boards = Join(
            [StLink("1-1"), StLink("1-4"), Rom("1-2", F76x), Rom("1-3", F411)], [], [Mbed(@"E:\", "1-1", "0818"), Mbed(@"F:\", "1-4", "0740")]);
        Assert.Equal([("NUCLEO-F767ZI", "1-2"), ("NUCLEO-F411RE", "1-3")], boards.Select(x => (x.Name, x.DfuDevice!.Location)));
    }

    [Fact]
    public void A_program_that_names_its_board_is_joined_with_the_probe()
    {
        var sketch = Cdc("1-2", "STMicroelectronics", "NUCLEO_F767ZI CDC in FS Mode");
        var board = Assert.Single(Join([sketch, StLink("1-1")], [Port("COM5", "1-1"), Port("COM6", "1-2")], [Mbed(@"E:\", "1-1", "0818")]));
        Assert.Equal((BoardMode.Program, ProgramKind.Arduino), (board.Mode, board.Program!.Kind));
        Assert.Equal(["COM5", "COM6"], board.SerialPorts.Select(x => x.Name));
        Assert.Equal(2, Join([Cdc("1-2", "MicroPython", "Pyboard Virtual Comm Port in FS Mode"), StLink("1-1")], [], [Mbed(@"E:\", "1-1", "0818")]).Length);
    }

    [Theory]
    [InlineData("Betaflight", "OmnibusF4", "OmnibusF4", ProgramKind.Betaflight)]
    [InlineData("Betaflight", "Betaflight STM32F405", "a board that runs Betaflight", ProgramKind.Betaflight)]
    [InlineData("Betaflight", "STM32 Virtual ComPort in FS Mode", "a board that runs Betaflight", ProgramKind.Betaflight)]
    [InlineData("ArduPilot", "MatekF405-BL", "MatekF405", ProgramKind.ArduPilot)]
    [InlineData("STMicroelectronics", "BLACKPILL_F411CE CDC in FS Mode", "WeAct BlackPill F411CE", ProgramKind.Arduino)]
    [InlineData("STMicroelectronics", "GENERIC_F103C8TX CDC in FS Mode", "a board that runs an Arduino sketch", ProgramKind.Arduino)]
    [InlineData("MicroPython", "Pyboard Virtual Comm Port in FS Mode", "a board that runs MicroPython", ProgramKind.MicroPython)]
    [InlineData("STMicroelectronics", "STM32 Virtual ComPort", "a board with a serial port", ProgramKind.Serial)]
    [InlineData(null, null, "a board with a serial port", ProgramKind.Serial)]
    public void A_running_board_is_called_by_what_it_calls_itself(string? manufacturer, string? product, string name, ProgramKind kind)
    {
        var board = Assert.Single(Join([Cdc("1-2", manufacturer, product)], [Port("/dev/ttyACM0", "1-2")]));
        Assert.Equal((name, kind, BoardMode.Program), (board.Name, board.Program!.Kind, board.Mode));
    }

    [Fact]
    public void Adapters_strangers_unreadable_devices_and_drives_are_told_apart()
    {
        SeenUsbDevice[] devices =
        [
            Device("1-1", 0x1A86, 0x7523), Device("1-2", 0x05AC, 0x8290, new SeenInterface(0, 0xE0, 1, 1), new SeenInterface(1, 0xFE, 1, 1)),
            Device("1-3", 0, 0) with { ProblemCode = 43 }, Device("1-4", 0x2E8A, 0x0003), Device("1-5", 0x1234, 0x5678, new SeenInterface(0, 0xE0, 1, 1), new SeenInterface(1, 0xFE, 1, 1)),
            Device("1-6", 0x1234, 0x5678, new SeenInterface(0, 3, 0, 0, Name: "CMSIS-DAP v1")), Device("1-7", 0x1234, 0x5678, new SeenInterface(0, 0xFE, 1, 1)),
            Device("1-8", 0x1234, 0x5678, new SeenInterface(0, 0xFF, 0, 0)),
        ];
        var boards = Join(devices, [Port("COM1", "1-1"), Port("COM8", "1-8") with { Driver = "cp210x" }], [new SeenVolume { Path = @"G:\", UsbLocation = "1-4", Uf2Board = "RPI-RP2" }]);
        Assert.Equal(
            [
                ("a CH340 serial adapter", BoardMode.SerialAdapter), ("a Mac's Bluetooth adapter, which speaks DFU too", BoardMode.Stranger),
                ("a device that could not be read", BoardMode.Unreadable), ("RPI-RP2", BoardMode.Drive), ("a Bluetooth adapter, which speaks DFU too", BoardMode.Stranger),
                ("CMSIS-DAP probe", BoardMode.ProbeOnly), ("a board that offers DFU", BoardMode.Program), ("a serial adapter", BoardMode.SerialAdapter),
            ],
            boards.Select(x => (x.Name, x.Mode)));
        Assert.Equal(["1-3", "1-7"], boards.Select(x => x.DfuDevice?.Location).OfType<string>());
    }

    [Fact]
    public void What_has_nothing_to_do_with_boards_is_left_out()
    {
        SeenUsbDevice[] devices =
        [
            Device("1-1", 0x046D, 0xC52B, new SeenInterface(0, 3, 1, 1)), Device("1-2", 0x0781, 0x5567, new SeenInterface(0, 8, 6, 0x50)),
            Device("1-3", 0x05E3, 0x0610, new SeenInterface(0, 9, 0, 1)), Device("1-4", 0x12D1, 0x1506, new SeenInterface(0, 2, 2, 1), new SeenInterface(1, 2, 0x0E, 0)),
        ];
        Assert.Empty(Join(devices, [Port("/dev/ttyS0", null), Port("/dev/ttyACM3", "1-4")], [new SeenVolume { Path = "/media/stick", UsbLocation = "1-2" }]));
    }

    [Fact]
    public void A_drive_of_nobody_is_the_only_probes_else_a_board_by_itself()
    {
        var drive = new SeenVolume { Path = "/Volumes/NODE_F767ZI", MbedId = "0818" };
        Assert.Equal("NUCLEO-F767ZI", Assert.Single(Join([StLink("20-1")], volumes: [drive])).Name);
        Assert.Equal(3, Join([StLink("20-1"), StLink("20-2")], volumes: [drive]).Length);
        Assert.Equal(("NUCLEO-F767ZI", BoardMode.ProbeOnly), Assert.Single(Join([], volumes: [drive])) is var x ? (x.Name, x.Mode) : default);
    }

    [Fact]
    public void Boards_stand_in_the_order_of_their_ports()
    {
        Assert.Equal(["1-2", "1-2.3", "1-10", "2-1"], Join([Rom("1-10", F411), Rom("2-1", F411), Rom("1-2.3", F411), Rom("1-2", F411)]).Select(x => x.UsbDevices[0].Location));
    }

    internal static SeenUsbDevice StLink(string location) => Device(
        location, 0x0483, 0x374B, new SeenInterface(0, 0xFF, 0xFF, 0xFF), new SeenInterface(1, 8, 6, 0x50), new SeenInterface(2, 2, 2, 1), new SeenInterface(3, 0x0A, 0, 0)) with
    { Product = "STM32 STLink" };

    internal static SeenUsbDevice Rom(string location, string? name) =>
        Device(location, 0x0483, 0xDF11, new SeenInterface(0, 0xFE, 1, 2, Name: name)) with { Product = "STM32  BOOTLOADER", DeviceRelease = 0x2200, SerialNumber = "200364500000" };

    internal static SeenUsbDevice Cdc(string location, string? manufacturer, string? product) =>
        Device(location, 0x0483, 0x5740, new SeenInterface(0, 2, 2, 1), new SeenInterface(1, 0x0A, 0, 0)) with { Manufacturer = manufacturer, Product = product };

    internal static SeenUsbDevice Device(string location, ushort vendor, ushort product, params SeenInterface[] interfaces) =>
        new() { Location = location, VendorId = vendor, ProductId = product, Interfaces = [.. interfaces] };

    internal static SeenSerialPort Port(string name, string? location) => new() { Name = name, UsbLocation = location, Driver = "cdc_acm" };

    internal static SeenVolume Mbed(string path, string? location, string id) => new() { Path = path, UsbLocation = location, MbedId = id };

    private static System.Collections.Immutable.ImmutableArray<SeenBoard> Join(
        SeenUsbDevice[] devices, SeenSerialPort[]? ports = null, SeenVolume[]? volumes = null, params DfuCondition[] dfu) => BoardJoin.Join(
            new HostInventory
            {
                System = new HostSystem { Kind = HostKind.Linux, Version = "test" },
                UsbDevices = [.. devices],
                SerialPorts = [.. ports ?? []],
                Volumes = [.. volumes ?? []],
                Dfu = [.. dfu],
            },
            BoardDatabase.Default);
}
