using System.Collections.Immutable;
using Defuse.Connections;
using Defuse.Diagnostics;
using Defuse.Transports;

namespace Defuse.Cli.Tests;

/// <summary>Boards that are not in DFU mode, and boards whose parts tell their name, in defuse list.</summary>
public class ListJoinedTests
{
    private const string F76x = "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg";

    private static readonly SeenUsbDevice Probe = Device("1-1", 0x0483, 0x374B, "STM32 STLink", new SeenInterface(0, 0xFF, 0xFF, 0xFF)) with { SerialNumber = "066DFF51" };
    private static readonly SeenVolume Drive = new() { Path = "/media/me/NODE_F767ZI", UsbLocation = "1-1", MbedId = "0818" };
    private static readonly SeenUsbDevice Rom = Device("1-4", 0x0483, 0xDF11, "STM32  BOOTLOADER", new SeenInterface(0, 0xFE, 1, 2, Name: F76x)) with { DeviceRelease = 0x2200 };

    private static readonly SeenUsbDevice Python = Device("1-2", 0xF055, 0x9800, "Pyboard Virtual Comm Port in FS Mode", new SeenInterface(1, 2, 2, 1)) with { SerialNumber = "3257" };

    private static readonly SeenUsbDevice Controller = Device("1-3", 0x0483, 0x5740, "OmnibusF4", new SeenInterface(0, 2, 2, 1)) with { Manufacturer = "Betaflight" };

    private static readonly SeenUsbDevice Bluetooth = Device("1-5", 0x05AC, 0x8290, "Bluetooth USB Host Controller", new SeenInterface(0, 0xE0, 1, 1), new SeenInterface(5, 0xFE, 1, 1));

    private static readonly SeenUsbDevice[] Others =
    [
        Device("1-6", 0x1A86, 0x7523, "USB Serial", new SeenInterface(0, 0xFF, 1, 2)), Device("1-7", 0x046D, 0xC077, "USB Optical Mouse", new SeenInterface(0, 3, 1, 2)),
        Device("1-8", 0x2341, 0x0043, "Arduino Uno", new SeenInterface(0, 2, 2, 1)),
    ];

    private static FakeBoards OfDfu => new(
        FakeBoards.Board("dfu:usb-1-4"),
        FakeBoards.Board("dfu:usb-1-5") with { Name = "Bluetooth USB Host Controller", UsbId = "05ac:8290", RunsProgram = true },
        new BoardInfo { Address = ConnectionAddress.Parse(Cli.F767), Name = "NUCLEO-F767ZI: STM32F767ZI, 2 MB", IsSimulated = true });

    [Fact]
    public async Task A_pipe_gets_boards_that_run_a_program_and_those_of_which_only_the_probe_shows()
    {
        using var cli = new Cli { Boards = OfDfu, Seen = All };
        var result = await cli.RunAsync("list");
        Golden.Check("list-joined", result.Out);
        Assert.Equal(
            "warning: stlink:usb-1-10 cannot be opened: its chip (STM32L053C8) has no USB bootloader, and this version flashes over USB, not through the ST-LINK; `defuse doctor` says what works instead\n",
            result.Error);
    }

    [Fact]
    public async Task Json_says_the_same()
    {
        using var cli = new Cli { Boards = OfDfu, Seen = All };
        Golden.Check("list-joined-json", (await cli.RunAsync("list", "--json")).Out);
    }

    [Fact]
    public async Task A_board_of_which_only_the_probe_shows_leads_to_the_doctor()
    {
        using var cli = new Cli { Boards = new FakeBoards(), Seen = Inventory([Probe], Drive) };
        var result = await cli.RunAsync("list");
        Assert.Equal("stlink:usb-1-1  blocked  0483:374b  066DFF51  NUCLEO-F767ZI\n", result.Out);
        Assert.Contains("not through the ST-LINK; `defuse doctor` says how this board's bootloader is reached", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_only_probable_is_called_so()
    {
        using var cli = new Cli { Boards = FakeBoards.One(), Seen = Inventory([Probe, Rom with { Interfaces = [new SeenInterface(0, 0xFE, 1, 2)] }], Drive) };
        Assert.Equal("dfu:usb-1-4  ready  0483:df11  205B33875532  STM32  BOOTLOADER (probably NUCLEO-F767ZI)\n", (await cli.RunAsync("list")).Out);
    }

    [Fact]
    public async Task A_probe_by_itself_is_no_board()
    {
        using var cli = new Cli { Boards = new FakeBoards(), Seen = Inventory([Device("1-9", 0x1366, 0x0105, "J-Link", new SeenInterface(0, 0xFF, 0xFF, 0xFF))]) };
        Assert.Equal("", (await cli.RunAsync("list")).Out);
    }

    [Fact]
    public async Task What_a_server_shares_is_not_mixed_with_what_is_plugged_in_here()
    {
        using var cli = new Cli { Boards = FakeBoards.One(), Seen = All };
        Assert.Equal("dfu:usb-1-4  ready  0483:df11  205B33875532  STM32  BOOTLOADER\n", (await cli.RunAsync("list", "-d", "dfu:usb-1-4")).Out);
    }

    [Fact]
    public async Task Work_without_an_address_takes_the_only_board_in_DFU_mode_all_the_same()
    {
        using var cli = new Cli { Boards = FakeBoards.One(), Seen = All };
        Assert.Equal(0, (await cli.RunAsync("info")).ExitCode);
    }

    [Fact]
    public async Task The_front_end_of_dfu_util_lists_DFU_alone()
    {
        using var cli = new Cli { Boards = new FakeBoards(), Seen = All };
        var result = await cli.RunAsync("dfu-util", "-l");
        Assert.DoesNotContain("0483:374b", result.Out + result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("f055", result.Out + result.Error, StringComparison.Ordinal);
    }

    private static HostInventory All => Inventory(
        [Probe, Rom, Python, Controller, Bluetooth, .. Others, Device("1-10", 0x0483, 0x374B, "STM32 STLink") with { SerialNumber = "0670FF48" }],
        Drive,
        new SeenVolume { Path = "/media/me/DIS_L053C8", UsbLocation = "1-10", MbedId = "0805" });

    private static SeenUsbDevice Device(string location, ushort vendor, ushort product, string name, params ImmutableArray<SeenInterface> interfaces) =>
        new() { Location = location, VendorId = vendor, ProductId = product, Product = name, Speed = UsbSpeed.Full, Interfaces = interfaces };

    private static HostInventory Inventory(ImmutableArray<SeenUsbDevice> devices, params ImmutableArray<SeenVolume> volumes) => new()
    {
        System = new HostSystem { Kind = HostKind.Linux, Version = "Debian GNU/Linux 12" },
        UsbDevices = devices,
        SerialPorts = [new SeenSerialPort { Name = "/dev/ttyUSB0", UsbLocation = "1-6", Driver = "ch341-uart" }],
        Volumes = volumes,
    };
}
