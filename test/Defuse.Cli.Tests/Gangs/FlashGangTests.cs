
namespace Defuse.Cli.Tests.Gangs;

public class FlashGangTests
{
    [Fact]
    public async Task All_boards_are_flashed_and_one_that_fails_says_why()
    {
        using var cli = new Cli { Bus = Mixed() };
        var result = await cli.RunAsync("flash", cli.Dfu, "--all");
        Assert.Equal((7, ""), (result.ExitCode, result.Out));
        Golden.Check("flash-all", Sorted(cli.Scrub(result.Error)));
    }

    [Fact]
    public async Task Json_has_a_record_a_board_and_the_counts_last()
    {
        using var cli = new Cli { Bus = Mixed() };
        var result = await cli.RunAsync("flash", cli.Dfu, "--all", "--json");
        Assert.Equal(7, result.ExitCode);
        Assert.All(result.Json.Where(x => Type(x) is "phase" or "progress"), x => Assert.StartsWith("dfu:usb-1-", x.GetProperty("board").GetString(), StringComparison.Ordinal));
        var lines = cli.Scrub(result.Out).Split('\n');
        Golden.Check("flash-all-json", string.Join('\n', [.. lines.Where(x => x.Contains("\"type\":\"record\"", StringComparison.Ordinal)).Order(StringComparer.Ordinal), lines[^2]]));
    }

    [Fact]
    public async Task A_record_has_the_hash_of_the_file_as_it_is_also_from_stdin()
    {
        using var cli = new Cli { Bus = One() };
        var bytes = await File.ReadAllBytesAsync(cli.Dfu, TestContext.Current.CancellationToken);
        var expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes));
        Assert.Equal(expected, Record(await cli.RunAsync("flash", cli.Dfu, "--all", "--json")).GetProperty("sha256").GetString());
        cli.Input = bytes;
        Assert.Equal(expected, Record(await cli.RunAsync("flash", "-", "--all", "--json")).GetProperty("sha256").GetString());
        using var pipe = new UnseekableStream(bytes);
        using var piped = new Cli { Bus = One(), In = pipe };
        Assert.Equal(expected, Record(await piped.RunAsync("flash", "-", "--all", "--json")).GetProperty("sha256").GetString());
    }

    [Fact]
    public async Task No_board_at_all_is_no_device()
    {
        using var cli = new Cli { Bus = new FakeBus() };
        var result = await cli.RunAsync("flash", cli.Dfu, "--all", "--json");
        Assert.Equal((3, "no-device"), (result.ExitCode, result.Result.GetProperty("error").GetProperty("kind").GetString()));
    }

    [Theory]
    [InlineData("list")]
    [InlineData("list", "--watch")]
    [InlineData("flash", "FILE")]
    [InlineData("flash", "FILE", "--all")]
    [InlineData("flash", "FILE", "--watch")]
    public async Task A_place_that_cannot_be_looked_at_cannot_be_opened(params string[] args)
    {
        using var cli = new Cli();
        var address = args is ["flash", "FILE"] ? "usbip://127.0.0.1:1/1-1" : "usbip://127.0.0.1:1/";
        var result = await cli.RunAsync([.. args.Select(x => x == "FILE" ? cli.Dfu : x), "-d", address, "--json"]);
        Assert.Equal((4, "cannot-open"), (result.ExitCode, result.Result.GetProperty("error").GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task A_board_that_is_gone_when_it_is_opened_has_a_record()
    {
        var bus = One();
        bus.Opening = bus.Unplug;
        using var cli = new Cli { Bus = bus };
        var result = await cli.RunAsync("flash", cli.Dfu, "--all", "--json");
        Assert.Equal((3, "failed"), (result.ExitCode, Record(result).GetProperty("outcome").GetString()));
    }

    [Theory]
    [InlineData("--all", "--watch")]
    [InlineData("--all", "--count", "3")]
    [InlineData("--watch", "--count", "0")]
    [InlineData("--all", "--dry-run")]
    [InlineData("--all", "--wait")]
    [InlineData("--all", "--backup", "before.hex")]
    [InlineData("--watch", "--trace", "trace.jsonl")]
    [InlineData("--all", "--fresh")]
    [InlineData("--all", "-d", "dfu:usb-1-1", "-d", "dfu:usb-1-2")]
    [InlineData("--all", "-d", "sim:nucleo-f767zi")]
    [InlineData("-d", "dfu:usb-1-1", "-d", "dfu:usb-1-1")]
    [InlineData("-d", "dfu:usb-1-1", "-d", "dfu:usb-1-2", "--fresh")]
    [InlineData("-d", "dfu:usb-1-1", "-d", "dfu:usb-1-2", "--dry-run")]
    public async Task What_cannot_mean_anything_is_refused(params string[] args)
    {
        using var cli = new Cli { Bus = One() };
        var result = await cli.RunAsync(["flash", cli.Dfu, .. args, "--json"]);
        Assert.Equal((2, "usage"), (result.ExitCode, result.Result.GetProperty("error").GetProperty("kind").GetString()));
        Assert.Single(result.Json);
    }

    [Fact]
    public async Task Boards_that_are_named_are_flashed_side_by_side()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "-d", Cli.F767 + "#1", "-d", "sim:pybv11?rdp=1", "--fresh", "--json");
        Assert.Equal(5, result.ExitCode);
        Assert.Equal(
            [(Cli.F767, "verified"), (Cli.F767 + "#1", "verified"), ("sim:pybv11?rdp=1", "refused")],
            Records(result).Select(x => (x.GetProperty("board").GetString()!, x.GetProperty("outcome").GetString()!)).Order());
        Assert.Equal(2, result.Result.GetProperty("boards").GetProperty("verified").GetInt32());
    }

    [Fact]
    public async Task What_was_kept_is_kept_on_each_board()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Write("settings.bin", [1, 2, 3, 4]), "-d", Cli.F767, "-d", Cli.F767 + "#1", "--address", "0x08007000", "--allow", "image");
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "-d", Cli.F767 + "#1", "--keep", "0x08007000+4", "--json");
        Assert.Equal(0, result.ExitCode);
        foreach (var board in new[] { Cli.F767, Cli.F767 + "#1" })
        {
            var read = await cli.RunAsync("read", "-d", board, "--range", "0x08007000+4", "-o", "-");
            Assert.Equal([1, 2, 3, 4], read.OutBytes);
        }

        Assert.Empty(Directory.GetFiles(cli.Folder, "defuse-kept-*"));
    }

    [Fact]
    public async Task A_watch_that_has_its_count_ends_with_the_worst()
    {
        var bus = new FakeBus();
        using var output = new LineWriter();
        using var cli = new Cli { Bus = bus, Out = output };
        var running = cli.RunAsync("flash", cli.Dfu, "--watch", "--count", "3", "--json");
        bus.Plug("1-1", "A");
        await output.SaysAsync("\"type\":\"record\"");
        bus.Targets["1-2"] = new FakeTarget("dfu:usb-1-2") { IgnoresWrites = true };
        bus.Plug("1-2", "B");
        await output.SaysAsync("\"type\":\"record\"");
        bus.Swap("1-2", "C");
        var last = await output.SaysAsync("\"type\":\"result\"");
        Assert.Contains("\"boards\":{\"total\":3,\"verified\":1,", last, StringComparison.Ordinal);
        Assert.Equal(6, (await running).ExitCode);
    }

    [Fact]
    public async Task An_interrupted_watch_is_well_when_all_its_boards_are()
    {
        var bus = One();
        using var interrupt = new CancellationTokenSource();
        using var output = new LineWriter();
        using var cli = new Cli { Bus = bus, Out = output, Interrupt = interrupt.Token };
        var running = cli.RunAsync("flash", cli.Dfu, "--watch", "--json");
        await output.SaysAsync("\"type\":\"record\"");
        await interrupt.CancelAsync();
        Assert.Contains("\"outcome\":\"verified\",\"exitCode\":0", await output.SaysAsync("\"type\":\"result\""), StringComparison.Ordinal);
        Assert.Equal(0, (await running).ExitCode);
    }

    [Fact]
    public async Task An_interrupted_watch_without_a_board_is_cancelled()
    {
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        using var cli = new Cli { Bus = new FakeBus(), Interrupt = interrupt.Token };
        var result = await cli.RunAsync("flash", cli.Dfu, "--watch", "--json");
        Assert.Equal((130, "cancelled"), (result.ExitCode, result.Result.GetProperty("outcome").GetString()));
    }

    [Fact]
    public async Task An_interrupt_ends_all_boards_between_blocks_and_each_is_reported()
    {
        var bus = new FakeBus();
        using var interrupt = new CancellationTokenSource();
        using var together = new Barrier(2);
        foreach (var port in new[] { "1-1", "1-2" })
        {
            bus.Plug(port, port);
            bus.Targets[port].Before = (what, _) => CancelTogether(what == "write", together, interrupt);
        }

        using var cli = new Cli { Bus = bus, Interrupt = interrupt.Token };
        var result = await cli.RunAsync("flash", cli.Dfu, "--all", "--json");
        Assert.Equal((130, "cancelled"), (result.ExitCode, result.Result.GetProperty("outcome").GetString()));
        Assert.Equal(2, Records(result).Count);
        Assert.All(Records(result), x => Assert.Equal(130, x.GetProperty("exitCode").GetInt32()));
        Assert.Contains("Ctrl-C again quits at once", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_quits_at_once_is_told_of_every_board_at_work()
    {
        var bus = One();
        using var working = new ManualResetEventSlim();
        using var reached = new ManualResetEventSlim();
        bus.Targets["1-1"].Before = (what, _) => Stay(what == "erase", reached, working);
        using var output = new LineWriter();
        using var cli = new Cli { Bus = bus, Out = output };
        var running = cli.RunAsync("flash", cli.Dfu, "--watch", "--json");
        Assert.True(reached.Wait(TimeSpan.FromSeconds(20)));
        cli.Application!.Abandon();
        var record = await output.SaysAsync("\"type\":\"record\"");
        Assert.Contains("\"board\":\"dfu:usb-1-1\"", record, StringComparison.Ordinal);
        Assert.Contains("\"outcome\":\"cancelled\"", record, StringComparison.Ordinal);
        Assert.Contains("indeterminate", record, StringComparison.Ordinal);
        await output.SaysAsync("\"type\":\"result\"");
        working.Set();
        using var interrupt = new CancellationTokenSource();
        bus.GoBlind(new TransportException(TransportFailure.Fault, "the host is gone"));
        var result = await running;
        Assert.Contains("On dfu:usb-1-1 the state of 0x08000000", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_watch_that_can_look_no_longer_says_so()
    {
        var bus = One();
        using var output = new LineWriter();
        using var cli = new Cli { Bus = bus, Out = output };
        var running = cli.RunAsync("flash", cli.Dfu, "--watch", "--json");
        await output.SaysAsync("\"type\":\"record\"");
        bus.GoBlind(new TransportException(TransportFailure.Fault, "the host is gone", "start it again"));
        var result = await running;
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("error: the host is gone", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_stdout_takes_nothing_any_more_a_watch_finishes_its_boards_and_ends()
    {
        var bus = One();
        using var output = new FullWriter();
        using var cli = new Cli { Bus = bus, Out = output };
        var result = await cli.RunAsync("flash", cli.Dfu, "--watch", "--json").WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("dfu:usb-1-1: Verified", result.Error, StringComparison.Ordinal);
        Assert.Contains("error: stdout cannot be written", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mistake_that_ends_the_work_without_a_report_hides_no_change()
    {
        var bus = One();
        bus.Targets["1-1"].Before = (what, _) => MistakeIf(what == "write");
        using var cli = new Cli { Bus = bus };
        var result = await cli.RunAsync("flash", cli.Dfu, "--all", "--json");
        Assert.DoesNotContain("nothing was changed", result.Error, StringComparison.Ordinal);
        Assert.Matches("0x08000000[^\n]+unknown: it was being erased or written", result.Error);
        Assert.Contains("indeterminate", Record(result).GetProperty("ranges").ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_result_without_any_board_counts_none()
    {
        using var cli = new Cli { Bus = new FakeBus() };
        var result = await cli.RunAsync("flash", cli.Dfu, "--all", "--json");
        Assert.Equal(0, result.Result.GetProperty("boards").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task A_board_that_was_told_of_when_somebody_quit_has_no_second_record()
    {
        var bus = One();
        using var working = new ManualResetEventSlim();
        using var reached = new ManualResetEventSlim();
        bus.Targets["1-1"].Before = (what, _) => Stay(what == "erase", reached, working);
        using var output = new LineWriter();
        using var cli = new Cli { Bus = bus, Out = output };
        var running = cli.RunAsync("flash", cli.Dfu, "--all", "--json");
        Assert.True(reached.Wait(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken));
        cli.Application!.Abandon();
        Assert.Contains("\"boards\":{\"total\":1,", await output.SaysAsync("\"type\":\"result\""), StringComparison.Ordinal);
        working.Set();
        await running;
        Assert.Equal(2, output.ToString().Split("\"type\":\"record\"").Length);
    }

    [Fact]
    public async Task A_mistake_in_the_command_is_found_before_any_board_is_opened()
    {
        var bus = One();
        bus.Plug("1-2", "B");
        bus.Opening = _ => Assert.Fail("It was opened.");
        using var cli = new Cli { Bus = bus };
        var file = cli.Write("raw.bin", [.. Enumerable.Repeat((byte)0xA5, 3000)]);
        foreach (var which in new[] { "--all", "--watch" })
        {
            var result = await cli.RunAsync("flash", file, which, "--json");
            Assert.Equal((2, "address-needed"), (result.ExitCode, result.Result.GetProperty("error").GetProperty("kind").GetString()));
            Assert.Empty(Records(result));
            Assert.Equal(2, result.Error.Split("error:").Length);
        }
    }

    [Fact]
    public async Task A_mistake_that_only_a_board_shows_ends_a_watch()
    {
        using var cli = new Cli { Bus = One() };
        var result = await cli.RunAsync("flash", cli.Dfu, "--watch", "--alt", "1", "--json").WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        Assert.Equal((2, 1), (result.ExitCode, Records(result).Count));
    }

    [Fact]
    public async Task A_server_beside_a_board_is_told_to_stand_alone()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", "usbip://127.0.0.1:1/", "-d", Cli.F767);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("--all", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_names_the_board_as_the_user_did_and_the_clock()
    {
        using var cli = new Cli { Bus = One() };
        Assert.Equal("wall", Record(await cli.RunAsync("flash", cli.Dfu, "--all", "--json")).GetProperty("clock").GetString());
        using var simulated = new Cli();
        string[] boards = ["sim:pybv11?swallow=1&rdp=0", "sim:nucleo-f767zi?rdp=0"];
        var result = await simulated.RunAsync("flash", simulated.Dfu, "-d", boards[0], "-d", boards[1], "--json");
        Assert.Equal(boards.Order(StringComparer.Ordinal), Records(result).Select(x => x.GetProperty("board").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(Records(result), x => Assert.Equal("board", x.GetProperty("clock").GetString()));
    }

    [Fact]
    public async Task Quiet_says_what_failed_and_the_sum()
    {
        using var cli = new Cli { Bus = Mixed() };
        var result = await cli.RunAsync("flash", cli.Dfu, "--all", "-q");
        Assert.Matches("\n4 boards in [^\n]+: 1 verified, [^\n]+\n$", result.Error);
        using var good = new Cli { Bus = One() };
        Assert.Equal("", (await good.RunAsync("flash", good.Dfu, "--all", "-q")).Error);
    }

    internal static FakeBus One()
    {
        var bus = new FakeBus();
        bus.Plug("1-1", "A");
        return bus;
    }

    /// <summary>A good one, one that is pulled out, one of another chip, and one that cannot be opened.</summary>
    private static FakeBus Mixed()
    {
        var bus = One();
        bus.Plug("1-2", "B");
        bus.Targets["1-2"].Before = (what, at) => FaultIf(what == "write", at);
        bus.Plug("1-3", "C");
        bus.Targets["1-3"].IgnoresWrites = true;
        bus.Plug("1-4", "D", problem: "Linux does not let this user open it", remedy: "add the udev rule");
        bus.Plug("1-5", "E", runsProgram: true);
        return bus;
    }

    private static string Sorted(string text) => string.Join('\n', text.TrimEnd('\n').Split('\n').GroupBy(x => x.Split(": ")[0], StringComparer.Ordinal)
        .OrderBy(x => x.Key, StringComparer.Ordinal).SelectMany(x => x));

    private static string Type(System.Text.Json.JsonElement line) => line.GetProperty("type").GetString()!;

    private static IReadOnlyList<System.Text.Json.JsonElement> Records(CliResult result) => [.. result.Json.Where(x => Type(x) == "record")];

    private static System.Text.Json.JsonElement Record(CliResult result) => Assert.Single(Records(result));

    private static void FaultIf(bool condition, uint address)
    {
        if (condition)
        {
            throw new TransportException(TransportFailure.Disconnected, "the board is gone", "plug it in again", address);
        }
    }

    private static void MistakeIf(bool condition)
    {
        if (condition)
        {
            throw new InvalidOperationException("a mistake");
        }
    }

    private static void CancelTogether(bool condition, Barrier together, CancellationTokenSource source)
    {
        if (condition && !source.IsCancellationRequested)
        {
            together.SignalAndWait();
            source.Cancel();
        }
    }

    private static void Stay(bool condition, ManualResetEventSlim reached, ManualResetEventSlim gate)
    {
        if (condition)
        {
            reached.Set();
            gate.Wait();
        }
    }

    private sealed class UnseekableStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }
}
