using Defuse.Transports;

namespace Defuse.Cli.Tests;

public class FlashTests
{
    [Fact]
    public async Task A_file_is_flashed_verified_and_started()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767);
        Assert.Equal((0, ""), (result.ExitCode, result.Out));
        Golden.Check("flash", cli.Scrub(result.Error));
    }

    [Fact]
    public async Task What_is_there_already_is_not_written_again()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767);
        var result = await cli.RunAsync("flash", cli.Sample("blinky.hex"), "--device", Cli.F767);
        Assert.Equal(0, result.ExitCode);
        Golden.Check("flash-unchanged", cli.Scrub(result.Error));
    }

    [Fact]
    public async Task Fresh_blanks_the_board_first()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767);
        var result = await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767, "--fresh", "--json");
        Assert.Equal(1, result.Result.GetProperty("sectorsErased").GetInt32());
    }

    [Fact]
    public async Task Transfers_that_had_to_be_repeated_are_told_with_what_helps()
    {
        using var cli = new Cli();
        var json = await cli.RunAsync("flash", cli.Dfu, "--device", "sim:32f072bdiscovery?port=xhci", "--allow", "chip", "--json");
        Assert.Equal(0, json.ExitCode);
        Assert.InRange(json.Result.GetProperty("retries").GetInt32(), 1, 20);

        var text = await cli.RunAsync("flash", cli.Dfu, "--device", "sim:32f072bdiscovery?port=xhci", "--allow", "chip");
        Assert.Contains("had to be repeated; a hub between the board and the computer helps", text.Error.ReplaceLineEndings(" "), StringComparison.Ordinal);

        var without = await cli.RunAsync("flash", cli.Dfu, "--device", "sim:32f072bdiscovery", "--allow", "chip", "--json");
        Assert.False(without.Result.TryGetProperty("retries", out _));
    }

    [Fact]
    public async Task Raw_bytes_go_to_the_start_of_flash_if_they_fit_there()
    {
        using var cli = new Cli();
        Assert.Equal(0, (await cli.RunAsync("flash", cli.Sample("blinky.bin"), "--device", Cli.F767)).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("verify", cli.Dfu, "--device", Cli.F767)).ExitCode);
    }

    [Fact]
    public async Task The_device_can_be_named_by_the_environment()
    {
        using var cli = new Cli { Variables = { ["DEFUSE_DEVICE"] = Cli.F767 } };
        Assert.Equal(0, (await cli.RunAsync("flash", cli.Dfu)).ExitCode);
    }

    [Fact]
    public async Task A_bad_address_in_the_environment_is_told_with_the_variable()
    {
        using var cli = new Cli { Variables = { ["DEFUSE_DEVICE"] = "nonsense" } };
        var result = await cli.RunAsync("flash", cli.Dfu);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("DEFUSE_DEVICE", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_dry_run_prints_the_plan_and_changes_nothing()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767, "--dry-run");
        Assert.Equal(0, result.ExitCode);
        Golden.Check("dry-run", cli.Scrub(result.Out));
        Assert.Equal(6, (await cli.RunAsync("verify", cli.Dfu, "--device", Cli.F767)).ExitCode);
    }

    [Fact]
    public async Task A_dry_run_in_json_is_the_plan_and_the_result()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767, "--dry-run", "--json");
        Golden.Check("dry-run-json", cli.Scrub(result.Out));
    }

    [Fact]
    public async Task Json_tells_plan_phases_and_result()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767, "--json");
        Golden.Check("flash-json", cli.Scrub(string.Join('\n', result.Out.Split('\n').Where(x => !x.Contains("\"progress\"", StringComparison.Ordinal)))));
    }

    [Fact]
    public async Task An_interrupted_flash_tells_what_is_on_the_chip()
    {
        var boards = FakeBoards.One();
        boards.Target.Before = (what, at) =>
        {
            if (what == "write" && at == 0x0800_0400)
            {
                throw new TransportException(TransportFailure.Disconnected, "the board is gone", "plug it in again", at);
            }
        };
        using var cli = new Cli { Boards = boards };
        var result = await cli.RunAsync("flash", cli.Dfu);
        Assert.Equal(7, result.ExitCode);
        Golden.Check("flash-incomplete", cli.Scrub(result.Error));
        result = await cli.RunAsync("flash", cli.Dfu, "--json");
        Golden.Check("flash-incomplete-json", cli.Scrub(result.Out.Split('\n')[^2]));
    }

    [Fact]
    public async Task A_cancelled_flash_tells_what_is_on_the_chip()
    {
        using var interrupt = new CancellationTokenSource();
        var boards = FakeBoards.One();
        boards.Target.Before = (what, _) =>
        {
            if (what == "write")
            {
                interrupt.Cancel();
            }
        };
        using var cli = new Cli { Boards = boards, Interrupt = interrupt.Token };
        Golden.Check("flash-cancelled", cli.Scrub((await cli.RunAsync("flash", cli.Dfu)).Error));
    }

    [Fact]
    public async Task Cancelled_when_all_is_written_is_not_half_done()
    {
        using var interrupt = new CancellationTokenSource();
        var boards = FakeBoards.One();
        var isWritten = false;
        boards.Target.Before = (what, _) =>
        {
            isWritten |= what == "write";
            if (isWritten && what == "read")
            {
                interrupt.Cancel();
            }
        };
        using var cli = new Cli { Boards = boards, Interrupt = interrupt.Token };
        var result = await cli.RunAsync("flash", cli.Dfu);
        Assert.Equal(130, result.ExitCode);
        Assert.DoesNotContain("half done:", result.Error, StringComparison.Ordinal);
        Assert.Contains("all was written", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_cancels_is_told_on_the_live_display_what_is_finished_first()
    {
        using var interrupt = new CancellationTokenSource();
        var boards = FakeBoards.One();
        boards.Target.Before = (what, _) =>
        {
            if (what == "erase")
            {
                interrupt.Cancel();
            }
        };
        using var cli = new Cli { Boards = boards, Interrupt = interrupt.Token, ErrorIsTerminal = true, Width = 120 };
        Assert.Contains("Stopping after the sector in flight", (await cli.RunAsync("flash", cli.Dfu)).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-d sim:nucleo-f767zi", "")]
    [InlineData("-d sim:nucleo-f767zi -d sim:nucleo-f767zi#1", "sim:nucleo-f767zi: ")]
    public async Task What_is_wrong_with_the_file_is_said_before_anything_is_erased(string devices, string prefix)
    {
        using var cli = new Cli();
        string[] flash = ["flash", cli.Write("odd.bin", [.. Enumerable.Repeat((byte)7, 4096)]), "--address", "0x08000000", .. devices.Split(' ')];
        var result = await cli.RunAsync([.. flash, "--allow", "chip", "--json"]);
        Assert.True(result.ExitCode == 0, result.Error);
        var warned = result.Error.IndexOf($"{prefix}warning: the vector table at 0x08000000 looks wrong", StringComparison.Ordinal);
        Assert.InRange(warned, 0, result.Error.IndexOf($"{prefix}Erasing", StringComparison.Ordinal));
        Assert.Equal(warned, result.Error.LastIndexOf($"{prefix}warning: ", StringComparison.Ordinal));
        Assert.Contains(", with 1 warning.", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_live_display_shows_what_is_wrong_with_the_file_before_the_summary_does()
    {
        using var cli = new Cli { ErrorIsTerminal = true, Width = 200 };
        var odd = cli.Write("odd.bin", [.. Enumerable.Repeat((byte)7, 4096)]);
        var result = await cli.RunAsync("flash", odd, "--address", "0x08000000", "-d", Cli.F767, "--allow", "chip", "--json", "--color", "never");
        Assert.Contains("\n  warning: the vector table at 0x08000000 looks wrong", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("\nwarning: ", result.Error, StringComparison.Ordinal);
        Assert.Contains("looks wrong", Assert.Single(result.Result.GetProperty("warnings").EnumerateArray()).GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quitting_at_once_still_ends_with_a_result()
    {
        var boards = FakeBoards.One();
        using var cli = new Cli { Boards = boards };
        boards.Target.Before = (what, at) =>
        {
            if (what == "write" && at == 0x0800_0400)
            {
                cli.Application!.Abandon();
            }
        };
        var result = await cli.RunAsync("flash", cli.Dfu, "--json");
        Assert.Equal("result", result.Result.GetProperty("type").GetString());
        Assert.Equal("cancelled", result.Result.GetProperty("outcome").GetString());
        Assert.Equal(130, result.Result.GetProperty("exitCode").GetInt32());
        Assert.Equal((1024, 1), (result.Result.GetProperty("bytesWritten").GetInt64(), result.Result.GetProperty("sectorsErased").GetInt32()));
        Assert.Equal(["written", "indeterminate", "blank"], result.Result.GetProperty("ranges").EnumerateArray().Select(x => x.GetProperty("state").GetString()!));
        Assert.Contains("Quit at once; the state of 0x08000400-0x0800041F is unknown", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_with_an_address_is_raw_bytes_and_a_page_is_not()
    {
        using var cli = new Cli();
        var text = cli.Write("text.bin", "this is just a text, and no firmware at all\n"u8.ToArray());
        var page = cli.Write("page.bin", "<!doctype html><html><body>Not found</body></html>"u8.ToArray());
        Assert.Equal(5, (await cli.RunAsync("flash", text, "-d", Cli.F767)).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("flash", text, "-d", Cli.F767, "--address", "0x08020000")).ExitCode);
        Assert.Equal(5, (await cli.RunAsync("flash", page, "-d", Cli.F767, "--address", "0x08020000")).ExitCode);
    }

    [Theory]
    [InlineData("put it back in, and run the same command again: it finishes the job")]
    [InlineData("put it back in")]
    public async Task That_it_finishes_the_job_is_said_once(string remedy)
    {
        var boards = FakeBoards.One();
        boards.Target.Before = (what, at) =>
        {
            if (what == "write")
            {
                throw new TransportException(TransportFailure.Disconnected, "the board is gone", remedy, at);
            }
        };
        using var cli = new Cli { Boards = boards };
        Assert.Equal(2, (await cli.RunAsync("flash", cli.Dfu)).Error.Split("finishes the job").Length);
    }

    [Fact]
    public async Task A_long_list_of_ranges_is_cut_for_people()
    {
        var boards = FakeBoards.One();
        boards.Target.IgnoresWrites = true;
        using var cli = new Cli { Boards = boards };
        var path = cli.Write("many.bin", [.. Enumerable.Range(0, 20 * 1024).Select(x => (byte)(x % 1024 < 300 ? 0x55 : 0xFF))]);
        string[] args = ["flash", path, "--address", "0x08000000", "--allow", "image", "--json"];
        var result = await cli.RunAsync(args);
        Assert.Equal(6, result.ExitCode);
        var all = result.Result.GetProperty("ranges").GetArrayLength();
        Assert.True(all > 13, $"{all} ranges");
        Assert.Equal(12, result.Error.Split('\n').Count(x => x.StartsWith("  0x", StringComparison.Ordinal)));
        Assert.Contains($"  and {all - 12} more ranges", result.Error, StringComparison.Ordinal);
        Assert.Contains("error: 6,000 bytes differ", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flash", "nowhere.dfu")]
    [InlineData("flash", "blinky.dfu", "-d", Cli.F767, "--dry-run")]
    [InlineData("flash", "blinky.dfu", "-d", "dfu:nonsense")]
    [InlineData("verify", "nowhere.dfu")]
    [InlineData("erase", "-d", Cli.F767)]
    public async Task Results_always_have_the_figures(params string[] args)
    {
        using var cli = new Cli();
        var path = cli.Dfu;
        var result = (await cli.RunAsync([.. args.Select(x => x == "blinky.dfu" ? path : x), "--json"])).Result;
        Assert.All(["bytesWritten", "bytesVerified", "sectorsErased", "seconds"], x => Assert.Equal(0, result.GetProperty(x).GetDouble()));
        Assert.Equal(0, result.GetProperty("ranges").GetArrayLength());
    }

    [Fact]
    public async Task A_program_that_does_not_start_is_a_warning()
    {
        var boards = FakeBoards.One();
        boards.Target.Before = (what, _) =>
        {
            if (what == "start")
            {
                throw new TransportException(TransportFailure.Timeout, "the board did not answer");
            }
        };
        using var cli = new Cli { Boards = boards };
        var result = await cli.RunAsync("flash", cli.Dfu);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("warning: the program was not started", result.Error, StringComparison.Ordinal);
        Assert.EndsWith("the program was not started, with 1 warning.\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_ends_when_the_board_is_there()
    {
        var boards = FakeBoards.One();
        boards.MissingAtFirst = 2;
        using var cli = new Cli { Boards = boards };
        var result = await cli.RunAsync("flash", cli.Dfu, "--wait", "--device", "dfu:usb-1-4");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("Waiting for dfu:usb-1-4; Ctrl-C stops.\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Allowances_go_with_commas_and_repeated()
    {
        using var cli = new Cli();
        var path = cli.Write("text.bin", "<html>this is just a page, and no firmware at all</html>\n"u8.ToArray());
        string[] args = ["flash", path, "--device", Cli.F767, "--address", "0x08000000"];
        Assert.Equal(5, (await cli.RunAsync(args)).ExitCode);
        Assert.Equal(0, (await cli.RunAsync([.. args, "--allow", "crc,image"])).ExitCode);
        Assert.Equal(0, (await cli.RunAsync([.. args, "--allow", "crc", "--allow", "image"])).ExitCode);
    }

    [Fact]
    public async Task Erasing_the_chip_first_is_told()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767, "--erase", "chip");
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("Erasing the whole main flash (2 MB)", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Details_are_told_when_asked_for()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767, "-v");
        Golden.Check("flash-verbose", cli.Scrub(result.Error));
    }
}
