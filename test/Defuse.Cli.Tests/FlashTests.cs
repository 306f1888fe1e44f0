using Defuse.Testing;
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
        Assert.EndsWith("the program was not started.\n", result.Error, StringComparison.Ordinal);
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
        var path = cli.Write("text.bin", "this is just a text, and no firmware at all\n"u8.ToArray());
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
