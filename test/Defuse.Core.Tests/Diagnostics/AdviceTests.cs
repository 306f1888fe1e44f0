using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Transports;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>Commands do what is said of them, on the very board, and nothing is promised that would not come about.</summary>
public class AdviceTests
{
    [Theory]
    [InlineData("sim:nucleo-f767zi", "sim:nucleo-f767zi", "sim:nucleo-f767zi")]
    [InlineData("sim:nucleo-f767zi?rdp=1&wrp=4,5", "'sim:nucleo-f767zi?rdp=1&wrp=4,5'", "\"sim:nucleo-f767zi?rdp=1&wrp=4,5\"")]
    [InlineData("dfu:serial=$(reboot)", "'dfu:serial=$(reboot)'", "ADDRESS")]
    [InlineData("dfu:serial=a'b;reboot", @"'dfu:serial=a'\''b;reboot'", "\"dfu:serial=a'b;reboot\"")]
    public void An_address_in_a_command_reaches_defuse_through_any_shell(string address, string elsewhere, string windows)
    {
        var board = Trees.Dfu(Trees.Rom, Trees.Condition with { Address = address });
        var other = Trees.Dfu(Trees.Rom with { Location = "1-4" });
        string? Command(HostSystem system) => Doctor.Diagnose(Trees.Context(system, board, other)).Boards.Single(x => x.Board.Dfu is not null).Next!.Command;
        Assert.Equal($"defuse flash FILE --device {elsewhere}", Command(Trees.Linux));
        Assert.Equal($"defuse flash FILE --device {windows}", Command(Trees.Windows));
    }

    [Fact]
    public void What_is_plugged_in_elsewhere_is_named_in_every_command_and_this_computer_is_not_to_blame()
    {
        var context = Trees.Context(Trees.Linux with { Container = "docker" }, Trees.Program(ProgramKind.MicroPython, "MicroPython") with { SerialPorts = [] }) with { Elsewhere = "sim:pybv11" };
        var diagnosis = Doctor.Diagnose(context);
        Assert.Equal("defuse flash FILE --device sim:pybv11", diagnosis.Next!.Command);
        Assert.Empty(diagnosis.General);
    }

    [Theory]
    [InlineData("docker", "docker run -v /dev/bus/usb:/dev/bus/usb --device-cgroup-rule='c 189:* rmw' IMAGE")]
    [InlineData("podman", "sudo podman run -v /dev/bus/usb:/dev/bus/usb --device-cgroup-rule='c 189:* rmw' IMAGE")]
    [InlineData("lxc", null)]
    public void A_container_is_started_anew_by_what_made_it(string container, string? command)
    {
        var system = Trees.Linux with { Container = container };
        var nothing = Doctor.Diagnose(Trees.Context(system)).General.Single(x => x.Rule == "container-without-device");
        Assert.Equal(command, nothing.Remedies[0].Command);
        Assert.Equal(command?.Replace("/bus/usb", "", StringComparison.Ordinal).Replace("' IMAGE", "' --device-cgroup-rule='c 166:* rmw' IMAGE", StringComparison.Ordinal), nothing.Remedies.Single(x => x.Text.Contains("serial ports", StringComparison.Ordinal)).Command);
        Assert.Equal(command, Of(Trees.Context(system, Trees.Dfu(Trees.NotPermitted)), "no-permission").Remedies.Single().Command);
    }

    [Fact]
    public void A_program_over_USBIP_is_not_said_to_be_taken_to_its_bootloader_since_its_port_is_out_of_reach()
    {
        var context = Trees.Context(Trees.Linux, Trees.Program(ProgramKind.MicroPython, "MicroPython") with { SerialPorts = [] }) with { Elsewhere = "usbip://127.0.0.1/1-1" };
        var found = Of(context, "running-program");
        Assert.Equal(FindingLevel.Blocker, found.Level);
        Assert.Contains("serial ports are not reached over USB/IP", found.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Beside_another_board_a_board_whose_probe_shows_is_not_flashed_without_its_name()
    {
        var nucleo = Trees.ProbeOnly("NUCLEO-F767ZI", "0818");
        var ready = Trees.Dfu(Trees.Rom, Trees.Condition with { Chips = ["STM32F446"] });
        var commands = Of(Trees.Context(Trees.Windows, nucleo, ready), "only-probe-connected").Remedies.Where(x => x.Command?.StartsWith("defuse flash", StringComparison.Ordinal) == true).ToList();
        Assert.Equal(2, commands.Count);
        Assert.All(commands, x => Assert.Equal("defuse flash FILE --device ADDRESS", x.Command));
        Assert.All(commands, x => Assert.Contains("`defuse list`", x.Steps[^1], StringComparison.Ordinal));
    }

    [Fact]
    public void What_offers_DFU_and_may_be_a_headset_is_not_what_to_flash_next()
    {
        var headset = new SeenUsbDevice { Location = "1-5", VendorId = 0x0B0E, ProductId = 0x2E56, Product = "Link 380", Interfaces = [new SeenInterface(0, 1, 1, 0), new SeenInterface(1, 0xFE, 1, 1)] };
        foreach (var device in (SeenUsbDevice[])[headset, headset with { Problem = Trees.NotPermitted.Problem }])
        {
            var alone = Diagnose(new HostInventory { System = Trees.Linux, UsbDevices = [device] });
            Assert.Equal("defuse doctor", alone.Next!.Command);
            Assert.Contains(alone.General, x => x.Rule == "nothing-connected" && x.Text.StartsWith("Nothing on USB is known", StringComparison.Ordinal));
            var found = Assert.Single(Assert.Single(alone.Boards).Findings);
            Assert.Equal(("running-program", FindingLevel.Note), (found.Rule, found.Level));
            Assert.Contains("headsets", found.Text, StringComparison.Ordinal);
            Assert.Null(alone.Boards[0].Next);
        }

        var nucleo = Trees.ProbeOnly("NUCLEO-F767ZI", "0818");
        var beside = Diagnose(Trees.Context(Trees.Windows, nucleo).Inventory with { UsbDevices = [.. nucleo.UsbDevices, headset] });
        Assert.Equal([BoardMode.ProbeOnly, BoardMode.Program], beside.Boards.Select(x => x.Board.Mode));
        Assert.Contains(beside.Boards[0].Findings, x => x.Rule == "only-probe-connected");
        Assert.Same(beside.Boards[0].Next, beside.Next);
    }

    [Fact]
    public void A_serial_port_that_nothing_names_is_not_said_to_be_a_boards()
    {
        var printer = new SeenUsbDevice { Location = "1-1", VendorId = 0x2341, ProductId = 0x0043, Interfaces = [new SeenInterface(0, 2, 2, 1, "cdc_acm")] };
        var nucleo = Trees.ProbeOnly("NUCLEO-F411RE", "0740");
        var diagnosis = Diagnose(Trees.Context(Trees.Linux, nucleo).Inventory with { UsbDevices = [printer, .. nucleo.UsbDevices] });
        Assert.Equal(["only-probe-connected"], diagnosis.Boards[0].Findings.Select(x => x.Rule));
        Assert.Same(diagnosis.Boards[0].Next, diagnosis.Next);
        var found = Assert.Single(diagnosis.Boards[1].Findings);
        Assert.Contains("If it is your board", found.Text, StringComparison.Ordinal);
        Assert.StartsWith("Only if it is your board", found.Remedies[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_boards_are_not_both_said_to_own_one_bootloader()
    {
        var (one, other) = (Trees.ProbeOnly("NUCLEO-F767ZI", "0818"), Trees.ProbeOnly("NUCLEO-F767ZI", "0818", @"F:\", "COM6", "1-6"));
        var both = Findings(Trees.Context(Trees.Windows, one, other, Trees.Dfu(Trees.NoDriver))).Where(x => x.Rule == "other-socket").ToList();
        Assert.Equal(2, both.Count);
        Assert.All(both, x => Assert.Contains("may be the same board's other USB socket: see there. If it is another board's", x.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("NUCLEO-F103RB", "0700", "no-usb-bootloader")]
    [InlineData("32F769IDISCOVERY", "0817", "board-cannot-show-dfu")]
    public void A_bootloader_is_not_that_of_a_board_that_cannot_show_one(string name, string id, string rule)
    {
        var findings = Diagnose(Trees.Context(Trees.Linux, Trees.ProbeOnly(name, id), Trees.Dfu(Trees.NotPermitted)).Inventory).Boards.Single(x => x.Board.Mode == BoardMode.ProbeOnly).Findings;
        Assert.Equal([rule], findings.Select(x => x.Rule));
    }

    [Fact]
    public void What_the_system_tells_of_the_sectors_speaks_against_another_boards_bootloader()
    {
        var device = Trees.NotPermitted with { Interfaces = [new SeenInterface(0, 0xFE, 1, 2, Name: "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg")] };
        var findings = Diagnose(Trees.Context(Trees.Linux, Trees.ProbeOnly("NUCLEO-F767ZI", "0818"), Trees.Dfu(device)).Inventory).Boards.Single(x => x.Board.Mode == BoardMode.ProbeOnly).Findings;
        Assert.Equal(["only-probe-connected"], findings.Select(x => x.Rule));
    }

    [Fact]
    public void A_board_that_runs_a_program_and_cannot_show_its_bootloader_is_not_said_to_be_ready()
    {
        var board = Trees.Program(ProgramKind.Arduino, "an Arduino sketch") with { Profile = BoardDatabase.Default.FindName("32F769IDISCOVERY") };
        var finding = Assert.Single(Findings(Trees.Context(Trees.Linux, board)));
        Assert.Equal("board-cannot-show-dfu", finding.Rule);
        Assert.Equal("defuse doctor", Assert.Single(finding.Remedies).Command);
    }

    [Fact]
    public void A_board_that_Windows_handed_over_is_not_put_down_to_the_cable()
    {
        var stub = new SeenUsbDevice { Location = "1-5", VendorId = 0x80EE, ProductId = 0xCAFE, Product = "VirtualBox USB", Driver = "VBoxUSB", Interfaces = [new SeenInterface(0, 0xFF, 0, 0)] };
        var diagnosis = Diagnose(new HostInventory { System = Trees.Windows, UsbDevices = [stub] });
        Assert.Equal(["attached-elsewhere"], diagnosis.Boards.Single().Findings.Select(x => x.Rule));
        Assert.Empty(diagnosis.General);
        Assert.Contains("usbipd detach", diagnosis.Next!.Command, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, null, "wsl-without-device")]
    [InlineData(false, "docker", "container-without-device")]
    public void Where_only_an_adapter_was_passed_in_it_is_said_that_no_board_was(bool isWsl, string? container, string rule)
    {
        var general = Doctor.Diagnose(Trees.Context(Trees.Linux with { IsWsl = isWsl, Container = container }, RuleCases.Adapter)).General;
        var finding = Assert.Single(general);
        Assert.Equal((rule, FindingLevel.Blocker), (finding.Rule, finding.Level));
        Assert.Contains("no board", finding.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_probes_drive_that_is_not_mounted_is_a_way_to_flash_as_well()
    {
        var nucleo = Trees.ProbeOnly("NUCLEO-L053R8", "0715");
        var finding = Of(Trees.Context(Trees.Linux, nucleo with { Volumes = [nucleo.Volumes[0] with { Path = null }] }), "no-usb-bootloader");
        Assert.Contains("mount) its drive NODE_L053R8", finding.Remedies[0].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_board_without_a_USB_socket_takes_the_cable_that_its_steps_tell_of()
    {
        var remedies = Of(Trees.Context(Trees.Linux, Trees.ProbeOnly("NUCLEO-F411RE", "0740")), "only-probe-connected").Remedies;
        Assert.Contains(remedies, x => x.Text.Contains("only connect your own cable", StringComparison.Ordinal));
    }

    public static TheoryData<string> Unmended => ["no dll", "unknown", "composite", "no interfaces"];

    [Theory]
    [MemberData(nameof(Unmended))]
    public void On_Windows_fix_is_named_only_where_it_binds_WinUSB(string why)
    {
        var device = why switch
        {
            "no dll" => RuleCases.Wrong("libusbK", "libusbK.dll is not there", AccessFailure.LibraryMissing),
            "unknown" => Trees.NoDriver with { VendorId = 0x1234, ProductId = 0x5678, Product = "Own bootloader" },
            "composite" => Trees.NoDriver with { Interfaces = [new SeenInterface(0, 0xFE, 1, 2), new SeenInterface(1, 3, 0, 0)] },
            _ => Trees.NoDriver with { Interfaces = [] },
        };
        Assert.DoesNotContain(Findings(Trees.Context(Trees.Windows, Trees.Dfu(device))).SelectMany(x => x.Remedies), x => x.IsFix);
        Assert.Contains(Findings(Trees.Context(Trees.Windows, Trees.Dfu(Trees.NoDriver))).SelectMany(x => x.Remedies), x => x.IsFix);
    }

    [Fact]
    public void What_the_computer_lets_nobody_use_is_not_put_down_to_a_rule_of_udevs()
    {
        var device = Trees.Rom with { Interfaces = [], Problem = new AccessProblem(AccessFailure.PermissionDenied, "this machine lets nobody use the device (USB authorization, USBGuard)", "Allow it in USBGuard") };
        foreach (var system in (HostSystem[])[Trees.Linux, Trees.Linux with { HasUdev = false }])
        {
            var blocker = Assert.Single(Findings(Trees.Context(system, Trees.Dfu(device))), x => x.Level == FindingLevel.Blocker);
            Assert.Equal("cannot-open", blocker.Rule);
            Assert.Equal(["Allow it in USBGuard"], blocker.Remedies.Select(x => x.Text));
        }
    }

    [Theory]
    [InlineData(22, "cannot-open")]
    [InlineData(14, "cannot-open")]
    [InlineData(43, "unreadable")]
    [InlineData(0, "unreadable")]
    public void What_somebody_switched_off_is_not_put_down_to_the_cable(int code, string rule)
    {
        var device = RuleCases.Wrong("WinUSB", "Windows says so", AccessFailure.EnumerationFailed) with { ProblemCode = code };
        var findings = Findings(Trees.Context(Trees.Windows, Trees.Dfu(device)));
        Assert.Equal([rule], findings.Where(x => x.Level == FindingLevel.Blocker).Select(x => x.Rule));
        Assert.Equal(rule == "unreadable", findings.Any(x => x.Level == FindingLevel.Candidate));
    }

    [Fact]
    public void A_bootloader_that_the_rule_does_not_cover_is_allowed_by_hand()
    {
        var device = Trees.NotPermitted with { Interfaces = [new SeenInterface(0, 0xFF, 0, 0)] };
        var finding = Of(Trees.Context(Trees.Linux, Trees.Dfu(device)), "no-permission");
        Assert.DoesNotContain(finding.Remedies, x => x.IsFix);
        Assert.Contains("idVendor", finding.Remedies[0].Command, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ProgramKind.MicroPython, true)]
    [InlineData(ProgramKind.Betaflight, true)]
    [InlineData(ProgramKind.ArduPilot, true)]
    [InlineData(ProgramKind.Arduino, true)]
    [InlineData(ProgramKind.DfuRunTime, false)]
    public void What_needs_its_serial_port_is_not_called_ready_while_that_cannot_be_opened(ProgramKind kind, bool needsPort)
    {
        var board = Trees.Program(kind, "a program");
        var denied = board with { SerialPorts = [board.SerialPorts[0] with { Problem = new AccessProblem(AccessFailure.PermissionDenied, "no right", "join") }] };
        var held = board with { SerialPorts = [board.SerialPorts[0] with { HeldBy = ["picocom (12)"] }] };
        string Next(SeenBoard x) => Doctor.Diagnose(Trees.Context(Trees.Linux, x)).Next is { } next ? next.Command ?? next.Text : "";
        Assert.Equal(needsPort, Next(denied) == "sudo usermod -aG dialout $USER");
        Assert.Equal(needsPort, Next(held) == "Close picocom (12), then try again");
        Assert.Equal(!needsPort, Next(held).StartsWith("defuse flash FILE", StringComparison.Ordinal));
        Assert.Equal(needsPort, Of(Trees.Context(Trees.Linux, board with { SerialPorts = [] }), "running-program").Level == FindingLevel.Blocker);
    }

    [Fact]
    public void A_terminal_on_the_debug_probes_port_is_in_nobodys_way()
    {
        var board = Trees.Program(ProgramKind.MicroPython, "MicroPython");
        var nucleo = Trees.ProbeOnly("NUCLEO-F767ZI", "0818");
        var joined = board with { Probe = nucleo.Probe, SerialPorts = [nucleo.SerialPorts[0] with { HeldBy = ["picocom (12)"] }, .. board.SerialPorts] };
        Assert.DoesNotContain(Findings(Trees.Context(Trees.Linux, joined)), x => x.Rule == "held-by-other-program");
    }

    [Theory]
    [InlineData("root")]
    [InlineData("wheel")]
    [InlineData("disk")]
    [InlineData("x; reboot")]
    public void Nobody_is_told_to_join_a_group_that_gives_more_than_ports(string group)
    {
        var board = Trees.Program(ProgramKind.MicroPython, "MicroPython");
        board = board with { SerialPorts = [board.SerialPorts[0] with { Group = group, Problem = new AccessProblem(AccessFailure.PermissionDenied, "no right", "ask") }] };
        Assert.Equal("sudo defuse flash FILE", Doctor.Diagnose(Trees.Context(Trees.Linux, board)).Next!.Command);
    }

    [Fact]
    public void Where_only_adapters_and_strangers_show_the_first_thing_is_to_plug_the_board_in()
    {
        var adapter = RuleCases.Adapter with { SerialPorts = [new SeenSerialPort { Name = "/dev/ttyUSB0", Problem = new AccessProblem(AccessFailure.PermissionDenied, "no right", "join") }] };
        var stranger = new SeenBoard { Name = "a Bluetooth adapter", Mode = BoardMode.Stranger, UsbDevices = [Trees.Rom with { Location = "1-9" }] };
        Assert.Equal("defuse doctor", Doctor.Diagnose(Trees.Context(Trees.Linux, adapter, stranger)).Next!.Command);
    }

    private static Finding Of(DiagnosisContext context, string rule) => Findings(context).Single(x => x.Rule == rule);

    private static ImmutableArray<Finding> Findings(DiagnosisContext context) => [.. Doctor.Diagnose(context).Boards.SelectMany(x => x.Findings)];

    // Which devices belong together is found out again from what each board shows.
    private static Diagnosis Diagnose(HostInventory inventory) => Doctor.Diagnose(inventory, BoardDatabase.Default, ChipDatabase.Default, ["dfu"]);
}
