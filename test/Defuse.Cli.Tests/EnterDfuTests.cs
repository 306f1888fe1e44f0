using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Entering;
using Defuse.Simulator;
using Defuse.Targets;
using Defuse.Transports;

namespace Defuse.Cli.Tests;

public sealed class EnterDfuTests : IDisposable
{
    private readonly Cli _cli = new();

    [Theory]
    [InlineData("nucleo-f767zi", "micropython", "MicroPython")]
    [InlineData("nucleo-f767zi", "micropython-busy", "MicroPython")]
    [InlineData("pybv11", "betaflight", "Betaflight")]
    [InlineData("nucleo-f767zi", "ardupilot", "ArduPilot")]
    [InlineData("nucleo-f767zi", "ardupilot-busy", "ArduPilot")]
    [InlineData("stm32l476g-disco", "arduino", "an Arduino sketch")]
    [InlineData("nucleo-f767zi", "dfu-runtime", "Serial port and DFU")]
    public async Task A_simulated_program_is_asked_in_its_own_way(string board, string program, string name)
    {
        var device = $"sim:{board}?program={program}";
        var result = await _cli.RunAsync("enter-dfu", "--device", device);
        Assert.Equal((0, device + "\n"), (result.ExitCode, result.Out));
        Assert.Contains($"{name} is in DFU mode at USB port", result.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("micropython", "MicroPython v1.22.2 answers on sim:nucleo-f767zi.")]
    [InlineData("micropython-busy", "a script runs there, or its prompt is busy.")]
    [InlineData("betaflight", "Betaflight shows on USB, with the serial port sim:nucleo-f767zi.")]
    public async Task Flashing_takes_it_to_its_bootloader_and_tells_what_comes_back(string program, string back)
    {
        var result = await _cli.RunAsync("flash", _cli.Dfu, "--device", $"sim:nucleo-f767zi?program={program}", "--allow", "chip");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains(" at sim:nucleo-f767zi for its bootloader.", result.Error, StringComparison.Ordinal);
        Assert.Contains("Verified", result.Error, StringComparison.Ordinal);
        Assert.EndsWith(back + "\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_flashing_says_of_it_is_as_kept()
    {
        var result = await _cli.RunAsync("flash", _cli.Dfu, "--device", "sim:nucleo-f767zi?program=micropython");
        Golden.Check("flash-entering", _cli.Scrub(result.Error));
    }

    [Fact]
    public async Task JSON_has_a_line_of_what_came_back_before_the_result()
    {
        var result = await _cli.RunAsync("flash", _cli.Dfu, "--device", "sim:nucleo-f767zi?program=micropython", "--json");
        var lines = result.Out.TrimEnd().Split('\n');
        Assert.Contains("\"type\":\"returned\",\"kind\":\"program\",\"name\":\"MicroPython\",\"usbId\":\"f055:9802\",\"port\":\"sim:nucleo-f767zi\",\"banner\":\"MicroPython v1.22.2", lines[^2].Replace("\"schema\":1,", "", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Contains("\"type\":\"result\"", lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task JSON_has_a_line_of_where_it_is_in_DFU_mode()
    {
        var result = await _cli.RunAsync("enter-dfu", "--device", "sim:nucleo-f767zi?program=micropython", "--json");
        Assert.Contains("\"type\":\"entered\"", result.Out, StringComparison.Ordinal);
        Assert.Contains("\"address\":\"sim:nucleo-f767zi?program=micropython\",\"way\":\"micropython\",\"program\":\"MicroPython\"", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_in_DFU_mode_is_left_so()
    {
        var result = await _cli.RunAsync("enter-dfu", "--device", Cli.F767);
        Assert.Equal((0, Cli.F767 + "\n", Cli.F767 + " is in DFU mode already.\n"), (result.ExitCode, result.Out, result.Error));
    }

    [Fact]
    public async Task A_program_that_is_not_known_is_sent_nothing()
    {
        var result = await _cli.RunAsync("enter-dfu", "--device", "sim:nucleo-f767zi?program=serial");
        Assert.Equal((4, ""), (result.ExitCode, result.Out));
        Golden.Check("enter-unknown", _cli.Scrub(result.Error));
    }

    [Fact]
    public async Task A_board_that_its_ST_LINK_names_is_drawn_where_its_program_cannot_be_asked()
    {
        var probe = new SeenUsbDevice { Location = "1-1", VendorId = 0x0483, ProductId = 0x374B, Product = "STM32 STLink", Interfaces = [new SeenInterface(0, 0xFF, 0xFF, 0xFF)] };
        var failure = new EntryException(
            new RunningBoard { Name = "an ST-LINK", Device = new UsbDeviceInfo { Location = "1-1", VendorId = 0x0483, ProductId = 0x374B, Interfaces = [] } },
            [], "what it would understand is not known", "start its bootloader by hand")
        { IsByHand = true };
        using var cli = new Cli
        {
            Boards = new FakeBoards(FakeBoards.Board("dfu:usb-1-4")) { Failure = failure },
            Seen = new HostInventory { System = new HostSystem { Kind = HostKind.Linux, Version = "Debian" }, UsbDevices = [probe], Volumes = [new SeenVolume { Path = "/media/me/NODE", UsbLocation = "1-1", MbedId = "0818" }] },
        };
        var result = await cli.RunAsync("flash", cli.Dfu, "--device", "dfu:usb-1-1");
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("\nOn the NUCLEO-F767ZI:\n  1. ", result.Error, StringComparison.Ordinal);
        Assert.Contains("CN11 pin", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_board_is_not_known_it_is_said_where_to_look()
    {
        var failure = new EntryException(new RunningBoard { Name = "it" }, [], "it did not enter DFU mode", "start its bootloader by hand") { IsByHand = true };
        using var cli = new Cli { Boards = new FakeBoards { Failure = failure } };
        var result = await cli.RunAsync("flash", cli.Dfu, "--device", "dfu:usb-1-1");
        Assert.Contains("`defuse boards NAME` shows where BOOT0 is on many boards; `defuse doctor`", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing", "nothing came back on USB within 5 s: normal for a program without USB; if yours has it, BOOT0 is probably still high: take it low, and press reset.")]
    [InlineData("bootloader", "its bootloader is there instead of the program: BOOT0 is probably still high; take it low, and press reset.")]
    public async Task What_comes_back_instead_of_a_program_is_told_and_is_no_failure(string kind, string words)
    {
        var clock = VirtualClock.Stepped();
        using var board = SimulatedBoardCatalog.Create("nucleo-f767zi", 0, new Dictionary<string, string>(), folder: null, VirtualClockMode.Stepped);
        if (kind == "bootloader")
        {
            await board.AttachAsync(TestContext.Current.CancellationToken);
        }

        var running = new FakeRunning("dfu:usb-1-4") { Place = new BoardPlace(new UsbPeripheralHost([board]), new UsbPeripheralSerialHost([]), board.Location, 1, clock) };
        using var cli = new Cli { Providers = [running] };
        var result = await cli.RunAsync("flash", cli.Dfu);
        Assert.Equal(0, result.ExitCode);
        Assert.EndsWith(words + "\n", result.Error, StringComparison.Ordinal);
        Assert.Contains($"\"kind\":\"{kind}\"", (await cli.RunAsync("flash", cli.Dfu, "--json")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public void A_port_that_did_not_open_is_not_called_busy()
    {
        var back = new BoardReturn
        {
            Kind = BoardReturnKind.Program,
            Name = "MicroPython",
            Program = new BoardProgram(ProgramKind.MicroPython, "MicroPython"),
            Port = "/dev/ttyACM0",
            PortProblem = "this user may not open /dev/ttyACM0",
            Elapsed = TimeSpan.Zero,
        };
        var target = new FakeTarget("dfu:usb-1-4").Description;
        Assert.EndsWith(": MicroPython is on /dev/ttyACM0, and was not asked what it is: this user may not open /dev/ttyACM0.", ReturnText.Of(back, target, TimeSpan.Zero), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("betaflight", "micropython", "betaflight")]
    [InlineData("micropython-busy", "serial-r", "micropython")]
    [InlineData("arduino", "ardupilot", "touch-1200")]
    public async Task After_a_failure_the_same_board_is_flashed_by_a_second_run(string program, string wrong, string right)
    {
        var device = $"sim:nucleo-f767zi?program={program}";
        Assert.Equal(4, (await _cli.RunAsync("enter-dfu", "--device", device, "--way", wrong)).ExitCode);
        var entered = await _cli.RunAsync("enter-dfu", "--device", device, "--json");
        Assert.Contains($"\"way\":\"{right}\"", entered.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await _cli.RunAsync("flash", _cli.Dfu, "--device", device)).ExitCode);
    }

    [Fact]
    public async Task A_firmware_built_without_it_is_quoted()
    {
        var result = await _cli.RunAsync("flash", _cli.Dfu, "--device", "sim:nucleo-f767zi?program=ardupilot-nodfu");
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("MAV_RESULT_UNSUPPORTED", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_way_that_the_program_does_not_understand_is_said_to_have_failed_and_the_right_one_works_then()
    {
        var failed = await _cli.RunAsync("enter-dfu", "--device", "sim:nucleo-f767zi?program=betaflight", "--way", "micropython");
        Assert.Equal(4, failed.ExitCode);
        var entered = await _cli.RunAsync("enter-dfu", "--device", "sim:nucleo-f767zi?program=betaflight", "--way", "betaflight");
        Assert.Equal(0, entered.ExitCode);
    }

    [Fact]
    public async Task A_simulated_chip_behind_an_adapter_is_switched_by_the_lines_it_is_wired_to_and_by_no_others()
    {
        const string Device = "sim:pybv11?program=uart";
        var unasked = await _cli.RunAsync("flash", _cli.Dfu, "--device", Device);
        Assert.Equal(4, unasked.ExitCode);
        Assert.Contains("so it was sent nothing", unasked.Error, StringComparison.Ordinal);

        var wrong = await _cli.RunAsync("enter-dfu", "--device", Device, "--way", "modem-lines");
        Assert.Equal(4, wrong.ExitCode);
        Assert.Contains("no board came up in DFU mode after the lines were switched", wrong.Error, StringComparison.Ordinal);

        var right = await _cli.RunAsync("enter-dfu", "--device", Device, "--way", "modem-lines", "--lines", "boot0=!rts,nrst=dtr");
        Assert.Equal((0, Device + "\n"), (right.ExitCode, right.Out));
        Assert.Contains("The board behind sim:pybv11/uart is in DFU mode at USB port sim:pybv11.", right.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, "--no-start")]
    [InlineData(2, "--alt", "1")]
    public async Task A_board_that_stays_in_the_bootloader_it_was_taken_to_is_told_of_with_the_way_back(int exitCode, params string[] args)
    {
        var running = new FakeRunning("dfu:usb-1-4");
        using var cli = new Cli { Providers = [running] };
        running.Entered = () => cli.Opening!.EntryProgress!.Report(new EntryEvent(EntryStep.Entered, EntryWay.MicroPythonRepl, "it is in DFU mode"));
        const string Words = "dfu:usb-1-4 stays in DFU mode; defuse start --device dfu:usb-1-4 runs its program again.\n";
        Assert.DoesNotContain(Words, (await cli.RunAsync("flash", cli.Dfu)).Error, StringComparison.Ordinal);

        // By now it holds the file.
        var result = await cli.RunAsync(["flash", cli.Dfu, .. args]);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.EndsWith(Words, result.Error, StringComparison.Ordinal);

        running.Entered = () => { };
        Assert.DoesNotContain(Words, (await cli.RunAsync(["flash", cli.Dfu, .. args])).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_no_board_is_there_a_program_is_what_was_looked_for()
    {
        using var cli = new Cli { Providers = [new FakeRunning()] };
        var result = await cli.RunAsync("enter-dfu");
        Assert.Equal(3, result.ExitCode);
        Assert.Contains("no board was found that runs a program which is known, and none in DFU mode", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("BOOT0", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_is_cancelled_after_its_program_was_asked_is_not_said_to_be_as_it_was()
    {
        var running = new FakeRunning("dfu:usb-1-4");
        using var cli = new Cli { Providers = [running] };
        running.Entered = () => throw new OperationCanceledException();
        Assert.Equal("Cancelled; nothing was changed.\n", (await cli.RunAsync("flash", cli.Dfu)).Error);

        running.Entered = () =>
        {
            cli.Opening!.EntryProgress!.Report(new EntryEvent(EntryStep.Asking, EntryWay.MicroPythonRepl, "asking"));
            throw new OperationCanceledException();
        };
        Assert.Contains("Cancelled; the program had been asked for its bootloader", (await cli.RunAsync("flash", cli.Dfu)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--no-enter")]
    [InlineData("--dry-run")]
    public async Task Programs_are_left_alone_where_it_is_asked_for(string option)
    {
        var result = await _cli.RunAsync("flash", _cli.Dfu, "--device", "sim:nucleo-f767zi?program=micropython", option);
        Assert.Equal(4, result.ExitCode);
        Assert.Contains("which is to be left alone (--no-enter, --dry-run)", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_back_is_not_looked_at_where_that_is_asked_for()
    {
        var result = await _cli.RunAsync("flash", _cli.Dfu, "--device", "sim:nucleo-f767zi?program=micropython", "--no-follow");
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("answers on", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--lines", "boot0=rts,nrst=dtr")]
    [InlineData("--way", "micropython")]
    [InlineData("--device", "uart:COM5", "--way", "modem-lines", "--lines", "boot0=rts,nrst=rts")]
    [InlineData("--device", "uart:COM5", "--way", "telepathy")]
    public async Task What_makes_no_sense_is_refused(params string[] args)
    {
        var result = await _cli.RunAsync(["enter-dfu", .. args]);
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public async Task Without_an_address_the_only_known_program_is_asked_and_several_are_listed()
    {
        var running = new FakeRunning("dfu:usb-1-4");
        using var one = new Cli { Providers = [running] };
        Assert.Equal((0, "dfu:usb-1-4\n"), await OutcomeAsync(one, "enter-dfu"));
        Assert.Equal(0, (await one.RunAsync("flash", one.Dfu)).ExitCode);
        running.Entry = ProgramEntry.Named;
        Assert.Equal(3, (await one.RunAsync("flash", one.Dfu)).ExitCode);

        using var two = new Cli { Providers = [new FakeRunning("dfu:usb-1-4", "dfu:usb-1-5")] };
        foreach (var args in new[] { new[] { "enter-dfu" }, ["flash", two.Dfu] })
        {
            var result = await two.RunAsync(args);
            Assert.Equal(3, result.ExitCode);
            Assert.Contains("--device dfu:usb-1-4, or --device dfu:usb-1-5", result.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_board_in_DFU_mode_wins_over_one_that_runs_a_program()
    {
        var running = new FakeRunning("dfu:usb-1-4") { Boards = [FakeBoards.Board("dfu:usb-1-9")] };
        using var cli = new Cli { Providers = [running] };
        Assert.Equal(0, (await cli.RunAsync("flash", cli.Dfu)).ExitCode);
        Assert.Equal("dfu:usb-1-9", running.Opened?.ToString());
    }

    public void Dispose() => _cli.Dispose();

    private static async Task<(int, string)> OutcomeAsync(Cli cli, params string[] args)
    {
        var result = await cli.RunAsync(args);
        return (result.ExitCode, result.Out);
    }

#pragma warning disable CA1001 // What opens it disposes it.
    private sealed class FakeRunning(params string[] running) : IEnteringConnectionProvider
#pragma warning restore CA1001
    {
        private readonly FakeTarget _target = new("dfu:usb-1-4");

        public BoardInfo[] Boards { get; init; } = [];

        public ConnectionAddress? Opened { get; private set; }

        /// <summary>What opening tells.</summary>
        public Action Entered { get; set; } = () => { };

        public string Scheme => "dfu";

        public ProgramEntry Entry { get; set; } = ProgramEntry.OnlyOne;

        public ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<BoardInfo>>(Boards);

        public ValueTask<IReadOnlyList<RunningBoardInfo>> ListRunningAsync(CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<RunningBoardInfo>>([.. running.Select(x => new RunningBoardInfo(ConnectionAddress.Parse(x), new RunningBoard { Name = "MicroPython" }))]);

        public ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken)
        {
            Opened = address;
            Entered();
            return ValueTask.FromResult<ITarget>(_target);
        }

        public ValueTask<DfuReady> EnterDfuAsync(
            ConnectionAddress address, EntryOptions options, IProgress<EntryEvent>? progress, CancellationToken cancellationToken) =>
            ValueTask.FromResult(new DfuReady(address, EntryWay.MicroPythonRepl, null, TimeSpan.Zero));

        public BoardPlace? Place { get; init; }

        public BoardPlace? PlaceOf(ITarget target) => Place;
    }
}
