using Defuse.Connections;
using Defuse.Transports;

namespace Defuse.Cli.Tests;

/// <summary>The documented exit codes, each from a run that ends with it; --json says the same.</summary>
public class ExitCodeTests
{
    [Fact]
    public Task Code_0_is_done_and_verified() => EndsAsync(new Cli(), 0, "verified", null, "flash", "blinky.dfu", "-d", Cli.F767);

    [Fact]
    public Task Code_1_is_failed_with_nothing_changed()
    {
        var boards = FakeBoards.One();
        boards.Target.Before = (what, at) => Throw(what == "read", at);
        return EndsAsync(new Cli { Boards = boards }, 1, "failed", "transport", "flash", "blinky.dfu");
    }

    [Theory]
    [InlineData("flash", "nowhere.dfu")]
    [InlineData("flash", "blinky.dfu", "--nonsense")]
    [InlineData("flash")]
    [InlineData("flash", "blinky.dfu", "--allow", "everything")]
    [InlineData("flash", "blinky.dfu", "--address", "0x08000000")]
    [InlineData("flash", "blinky.dfu", "--device", "nonsense")]
    [InlineData("flash", "blinky.dfu", "--device", "serial:x")]
    [InlineData("flash", "blinky.dfu", "--erase", "all")]
    [InlineData("flash", "blinky.dfu", "-d", "sim:no-such-board")]
    [InlineData("erase")]
    [InlineData("erase", "--chip", "--range", "0x08000000+1K")]
    [InlineData("erase", "--range", "0x08000000")]
    [InlineData("read")]
    [InlineData("read", "-o", "file.xyz")]
    [InlineData("read", "-o", "-")]
    [InlineData("capture", "-o", "file.jsonl", "--scratch", "0x08000000")]
    [InlineData("capture", "-o", "file.jsonl", "--scratch", "zz", "--yes")]
    [InlineData("flash", "blinky.dfu", "--alt", "x")]
    [InlineData("convert", "blinky.dfu", "-o", "-", "--to", "hex")]
    [InlineData("convert", "blinky.dfu")]
    [InlineData("convert", "blinky.dfu", "-o", "file.xyz")]
    [InlineData("diff", "blinky.dfu")]
    [InlineData("diff", "-", "-")]
    [InlineData("simulate")]
    [InlineData("simulate", "no-such-board", "--port", "0")]
    [InlineData("simulate", "nucleo-f767zi", "--time", "2")]
    [InlineData("simulate", "nucleo-f767zi", "--port", "65536")]
    [InlineData("simulate", "nucleo-f767zi", "--port", "x")]
    [InlineData("flash", "blinky.dfu", "-d", Cli.F767, "--dry-run", "--fresh")]
    [InlineData("flash", "blinky.dfu", "-d", "dfu:usb-1", "--fresh")]
    [InlineData("flash", "blinky.dfu", "--fresh")]
    [InlineData("flash", "blinky.dfu", "-d", "sim:nucleo-f767zi?wrp=99")]
    [InlineData("flash", "")]
    [InlineData("flash", "/dev/zero")]
    [InlineData("start", "--address", "08000000")]
    [InlineData("erase", "--range", "08000000+1K")]
    [InlineData("doctor", "--from", "nowhere.json")]
    [InlineData("doctor", "--from", "blinky.dfu", "--fix")]
    [InlineData("doctor", "--from", "blinky.dfu", "--report", "file.json")]
    [InlineData("doctor", "--report", "blinky.dfu", "-d", "sim:pybv11")]
    [InlineData("doctor", "--fix", "--undo")]
    [InlineData("doctor", "--yes")]
    [InlineData("doctor", "-d", "sim:no-such-board")]
    [InlineData("frobnicate")]
    public Task Code_2_is_usage(params string[] args) => EndsAsync(new Cli(), 2, "failed", "usage", args);

    [Fact]
    public async Task Code_2_is_raw_bytes_without_an_address()
    {
        using var cli = new Cli();
        var path = cli.Write("raw.bin", [1, 2, 3, 4, 5, 6, 7, 8, 9]);
        await CheckAsync(cli, 2, "failed", "address-needed", "flash", path, "-d", Cli.F767);
    }

    [Fact]
    public Task Code_3_is_no_device() => EndsAsync(new Cli { Boards = new FakeBoards() }, 3, "failed", "no-device", "flash", "blinky.dfu");

    [Fact]
    public Task Code_3_is_several_devices() => EndsAsync(
        new Cli { Boards = new FakeBoards(FakeBoards.Board("dfu:usb-1"), FakeBoards.Board("dfu:usb-2")) }, 3, "failed", "several-devices", "flash", "blinky.dfu");

    [Fact]
    public Task Code_4_is_found_but_cannot_be_opened()
    {
        var failure = new TransportException(TransportFailure.CannotOpen, "access is denied", "add the udev rule");
        return EndsAsync(new Cli { Boards = new FakeBoards(FakeBoards.Board("dfu:usb-1-4")) { Failure = failure } }, 4, "failed", "cannot-open", "flash", "blinky.dfu");
    }

    [Fact]
    public Task Code_4_is_no_server_to_list() => EndsAsync(new Cli(), 4, "failed", "cannot-open", "list", "-d", "usbip://127.0.0.1:1/");

    [Fact]
    public Task Code_5_is_refused_for_a_program_outside_flash() =>
        EndsAsync(new Cli(), 5, "refused", "outside", "start", "-d", Cli.F767, "--address", "0x20000000");

    [Fact]
    public async Task Code_5_is_refused_for_what_the_file_is()
    {
        using var cli = new Cli();
        var path = cli.Write("page.bin", "<!DOCTYPE html><html><body>Not found</body></html>"u8.ToArray());
        await CheckAsync(cli, 5, "refused", "format", "flash", path, "-d", Cli.F767);
    }

    [Fact]
    public async Task Code_5_is_refused_for_a_wrong_crc()
    {
        using var cli = new Cli();
        var bytes = await File.ReadAllBytesAsync(cli.Dfu);
        bytes[^1] ^= 1;
        await CheckAsync(cli, 5, "refused", "format", "flash", cli.Write("bad.dfu", bytes), "-d", Cli.F767);
        await CheckAsync(cli, 0, "verified", null, "flash", cli.Write("bad.dfu", bytes), "-d", Cli.F767, "--allow", "crc");
    }

    [Fact]
    public async Task Code_5_is_refused_for_where_the_bytes_go()
    {
        using var cli = new Cli();
        await CheckAsync(cli, 5, "refused", "outside", "flash", cli.Sample("blinky.bin"), "-d", Cli.F767, "--address", "0x20000000");
    }

    [Fact]
    public Task Code_6_is_the_bytes_differ_from_a_file() => EndsAsync(new Cli(), 6, "differs", "differs", "verify", "blinky.dfu", "-d", Cli.F767);

    [Fact]
    public async Task Code_6_is_the_bytes_differ_between_files()
    {
        using var cli = new Cli();
        var hex = Path.Combine(cli.Folder, "a.hex");
        await CheckAsync(cli, 0, "done", null, "convert", "blinky.dfu", "-o", hex, "--range", "0x08000000+64");
        await CheckAsync(cli, 6, "differs", "differs", "diff", "blinky.dfu", hex);
        await CheckAsync(cli, 0, "same", null, "diff", "blinky.dfu", hex, "--range", "0x08000000+64");
    }

    [Fact]
    public Task Code_6_is_the_bytes_differ_after_writing()
    {
        var boards = FakeBoards.One();
        boards.Target.IgnoresWrites = true;
        return EndsAsync(new Cli { Boards = boards }, 6, "differs", "differs", "flash", "blinky.dfu");
    }

    [Fact]
    public Task Code_7_is_incomplete()
    {
        var boards = FakeBoards.One();
        boards.Target.Before = (what, at) => Throw(what == "write", at);
        return EndsAsync(new Cli { Boards = boards }, 7, "incomplete", "transport", "flash", "blinky.dfu");
    }

    [Fact]
    public Task Code_8_is_written_but_unverified() =>
        EndsAsync(new Cli(), 8, "written-unverified", null, "flash", "blinky.dfu", "-d", Cli.F767, "--no-verify", "--no-compare");

    [Fact]
    public async Task Code_130_is_cancelled_between_blocks()
    {
        using var interrupt = new CancellationTokenSource();
        var boards = FakeBoards.One();
        boards.Target.Before = (what, _) => CancelIf(what == "write", interrupt);
        await EndsAsync(new Cli { Boards = boards, Interrupt = interrupt.Token }, 130, "cancelled", null, "flash", "blinky.dfu");
    }

    [Theory]
    [InlineData("flash", "-")]
    [InlineData("verify", "-")]
    [InlineData("info", "-")]
    [InlineData("convert", "-", "-o", "out.hex")]
    [InlineData("diff", "blinky.dfu", "-")]
    public async Task Code_130_is_cancelled_while_stdin_delivers_nothing(params string[] args)
    {
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        using var silence = new FakePipe(isSilent: true);
        await EndsAsync(new Cli { In = silence, Interrupt = interrupt.Token }, 130, "cancelled", null, args).WaitAsync(TimeSpan.FromSeconds(20));
    }

    [Fact]
    public async Task Code_130_is_cancelled_while_waiting()
    {
        using var interrupt = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await EndsAsync(new Cli { Boards = new FakeBoards(), Interrupt = interrupt.Token }, 130, "cancelled", null, "flash", "blinky.dfu", "--wait");
    }

    private static async Task EndsAsync(Cli cli, int exitCode, string outcome, string? kind, params string[] args)
    {
        using (cli)
        {
            await CheckAsync(cli, exitCode, outcome, kind, args);
        }
    }

    private static async Task CheckAsync(Cli cli, int exitCode, string outcome, string? kind, params string[] args)
    {
        var path = cli.Dfu;
        var result = await cli.RunAsync([.. args.Select(x => x == "blinky.dfu" ? path : x), "--json"]);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Equal(exitCode, result.Result.GetProperty("exitCode").GetInt32());
        Assert.Equal("result", result.Result.GetProperty("type").GetString());
        Assert.Equal(outcome, result.Result.GetProperty("outcome").GetString());
        var error = result.Result.GetProperty("error");
        Assert.Equal(kind, error.ValueKind == System.Text.Json.JsonValueKind.Null ? null : error.GetProperty("kind").GetString());
    }

    private static void Throw(bool condition, uint address)
    {
        if (condition)
        {
            throw new TransportException(TransportFailure.Disconnected, "the board is gone", "plug it in again", address);
        }
    }

    private static void CancelIf(bool condition, CancellationTokenSource source)
    {
        if (condition)
        {
            source.Cancel();
        }
    }
}
