namespace Defuse.Cli.Tests;

public class TraceTests
{
    [Fact]
    public async Task A_failure_that_was_traced_is_played_again()
    {
        using var cli = new Cli();
        var trace = Path.Combine(cli.Folder, "trace.jsonl");
        var first = await cli.RunAsync("flash", cli.Dfu, "-d", $"{Cli.F767}?fault=unplug@write:700", "--trace", trace);
        var again = await cli.RunAsync("flash", cli.Dfu, "-d", $"replay:{trace}");

        Assert.Equal((7, 7), (first.ExitCode, again.ExitCode));
        Assert.Equal(cli.Scrub(first.Error).Split("error:")[1], cli.Scrub(again.Error).Split("error:")[1]);
        Assert.StartsWith("""{"schema":1,"type":"trace","program":"defuse 1.2.3"}""", await File.ReadAllTextAsync(trace, Cancel), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flash", "blinky.dfu")]
    [InlineData("verify", "blinky.dfu")]
    [InlineData("read", "-o", "out.bin", "--range", "0x08000000+1K")]
    [InlineData("erase", "--range", "0x08000000+1K")]
    [InlineData("start")]
    [InlineData("info")]
    [InlineData("option-bytes", "show")]
    public async Task Every_command_that_opens_a_board_takes_a_trace(params string[] args)
    {
        using var cli = new Cli();
        var dfu = cli.Dfu;
        await cli.RunAsync("flash", dfu, "-d", Cli.F767, "--no-start");
        var trace = Path.Combine(cli.Folder, "trace.jsonl");
        string[] line = [.. args.Select(x => x == "blinky.dfu" ? dfu : x == "out.bin" ? Path.Combine(cli.Folder, x) : x)];

        var traced = await cli.RunAsync([.. line, "-d", Cli.F767, "--trace", trace]);
        var again = await cli.RunAsync([.. line, "-d", $"replay:{trace}"]);

        Assert.Equal((0, 0), (traced.ExitCode, again.ExitCode));
        Assert.InRange(File.ReadAllLines(trace).Length, 10, 3_000);
    }

    [Fact]
    public async Task A_board_that_comes_back_comes_back_in_the_replay()
    {
        using var cli = new Cli();
        var trace = Path.Combine(cli.Folder, "trace.jsonl");
        var first = await cli.RunAsync("unprotect", "--yes", "-d", $"{Cli.F767}?rdp=1", "--trace", trace);
        var again = await cli.RunAsync("unprotect", "--yes", "-d", $"replay:{trace}");

        Assert.Equal((0, 0), (first.ExitCode, again.ExitCode));
        Assert.Equal(2, (await File.ReadAllTextAsync(trace, Cancel)).Split("\"type\":\"open\"").Length - 1);
    }

    [Fact]
    public async Task A_chip_that_its_serial_number_tells_is_the_same_chip_in_the_replay()
    {
        using var cli = new Cli();
        var trace = Path.Combine(cli.Folder, "trace.jsonl");
        string[] erase = ["erase", "--range", "0x08100000+128K", "-d"];
        var first = await cli.RunAsync([.. erase, "sim:nucleo-h743zi?rev=v", "--trace", trace]);
        var again = await cli.RunAsync([.. erase, $"replay:{trace}"]);

        Assert.Equal((0, 0), (first.ExitCode, again.ExitCode));
    }

    [Fact]
    public async Task A_trace_that_cannot_be_made_is_told_before_anything_is_done()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--trace", Path.Combine(cli.Folder, "nowhere", "trace.jsonl"), "--json");
        Assert.Equal((2, "usage"), (result.ExitCode, result.Result.GetProperty("error").GetProperty("kind").GetString()));
        Assert.Equal(6, (await cli.RunAsync("verify", cli.Dfu, "-d", Cli.F767)).ExitCode);
    }

    [Theory]
    [InlineData("flash", "FILE", "-d", Cli.F767, "--trace", "FILE")]
    [InlineData("info", "-d", "replay:FILE", "--trace", "FILE")]
    [InlineData("capture", "-d", Cli.F767, "-o", "FILE")]
    public async Task A_file_that_is_there_is_not_written_over(params string[] args)
    {
        using var cli = new Cli();
        var file = cli.Dfu;
        var before = await File.ReadAllBytesAsync(file, Cancel);

        var result = await cli.RunAsync([.. args.Select(x => x.Replace("FILE", file, StringComparison.Ordinal))]);

        Assert.Equal(2, result.ExitCode);
        Assert.Contains("is there already", result.Error, StringComparison.Ordinal);
        Assert.Equal(before, await File.ReadAllBytesAsync(file, Cancel));
    }

    [Theory]
    [InlineData("info", "--trace")]
    [InlineData("capture", "-o")]
    public async Task Where_nothing_is_recorded_no_file_is_left_in_the_way_of_the_next_try(string command, string option)
    {
        using var cli = new Cli();
        var trace = Path.Combine(cli.Folder, "trace.jsonl");

        Assert.NotEqual(0, (await cli.RunAsync(command, "-d", "sim:no-such-board", option, trace)).ExitCode);
        Assert.False(File.Exists(trace));
        Assert.Equal(0, (await cli.RunAsync(command, "-d", Cli.F767, option, trace)).ExitCode);
    }

    [Theory]
    [InlineData("replay:nowhere.jsonl", "there is no file nowhere.jsonl")]
    [InlineData("replay:nowhere/trace.jsonl", "there is no file nowhere/trace.jsonl")]
    [InlineData("replay:", "names no file")]
    [InlineData("replay:.", "it is a folder")]
    [InlineData("replay:blinky.dfu", "")]
    public async Task What_is_no_trace_is_wrong_usage(string device, string reason)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", device.Replace("blinky.dfu", cli.Dfu, StringComparison.Ordinal), "--json");
        var error = result.Result.GetProperty("error");
        Assert.Equal((2, "usage"), (result.ExitCode, error.GetProperty("kind").GetString()));
        Assert.Contains(reason, error.GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_is_captured_and_nothing_changes_without_scratch()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--no-start");
        var file = Path.Combine(cli.Folder, "capture.jsonl");

        var captured = await cli.RunAsync("capture", "-o", file, "-d", Cli.F767);

        Assert.Equal(0, captured.ExitCode);
        Assert.Contains("nothing was written to the board", captured.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await cli.RunAsync("verify", cli.Dfu, "-d", Cli.F767)).ExitCode);
        Assert.Contains("beyond the end", await File.ReadAllTextAsync(file, Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scratch_wants_a_yes_and_says_what_it_erases()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--no-start");
        string[] args = ["capture", "-o", Path.Combine(cli.Folder, "capture.jsonl"), "-d", Cli.F767, "--scratch", "0x08000000+1K"];

        var refused = await cli.RunAsync(args);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("erases every sector that 0x08000000-0x080003FF touches", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await cli.RunAsync("verify", cli.Dfu, "-d", Cli.F767)).ExitCode);

        Assert.Equal(0, (await cli.RunAsync([.. args, "--yes"])).ExitCode);
        Assert.Equal(6, (await cli.RunAsync("verify", cli.Dfu, "-d", Cli.F767)).ExitCode);
        Assert.Equal(1, (await cli.RunAsync("capture", "-o", Path.Combine(cli.Folder, "c.jsonl"), "-d", Cli.F767, "--scratch", "0x20000000+1K", "--yes")).ExitCode);
    }

    [Theory]
    [InlineData("scratch: 32768 bytes", true)]
    [InlineData("reading", false)]
    public async Task Who_stops_a_capture_is_told_what_it_may_have_erased(string section, bool mayBeLost)
    {
        using var interrupt = new CancellationTokenSource();
        using var cli = new Cli { Interrupt = interrupt.Token };
        var file = Path.Combine(cli.Folder, "capture.jsonl");
        var capturing = cli.RunAsync(
            "capture", "-o", file, "-d", $"{Cli.F767}?time=0.3", "--scratch", "0x08008800+1K", "--yes", "--json");
        while (!capturing.IsCompleted && !(File.Exists(file) && (await Text(file)).Contains(section, StringComparison.Ordinal)))
        {
            await Task.Delay(10, Cancel);
        }

        await interrupt.CancelAsync();
        var result = await capturing;

        Assert.Equal(130, result.ExitCode);
        Assert.Equal(mayBeLost, result.Error.Contains("0x08008000-0x0800FFFF may hold anything", StringComparison.Ordinal));
        Assert.Equal(!mayBeLost, result.Error.Contains("nothing was changed", StringComparison.Ordinal));
        Assert.Equal(mayBeLost, result.Result.TryGetProperty("ranges", out _));
    }

    [Fact]
    public async Task A_capture_that_fails_says_what_it_may_have_erased()
    {
        using var cli = new Cli();
        string[] capture = ["capture", "-o", Path.Combine(cli.Folder, "c.jsonl"), "-d", $"{Cli.F767}?fault=unplug@erase", "--scratch", "0x08008000+1K", "--yes"];
        var result = await cli.RunAsync(capture);
        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("0x08008000-0x0800FFFF may hold anything", result.Error, StringComparison.Ordinal);
    }

    // It is being written meanwhile.
    private static async Task<string> Text(string file)
    {
        await using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        return await reader.ReadToEndAsync(Cancel);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;
}
