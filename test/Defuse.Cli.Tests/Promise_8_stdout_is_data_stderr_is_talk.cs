using System.Text.Json;

namespace Defuse.Cli.Tests;

public class Promise_8_stdout_is_data_stderr_is_talk
{
    public static TheoryData<string> JsonCommands =>
    [
        "list", "info FILE", "info nowhere", "flash FILE -d sim:nucleo-f767zi", "flash FILE -d sim:nucleo-f767zi --dry-run", "flash nowhere",
        "flash FILE -d nonsense", "flash", "flash FILE --no-such", "no-such-command", "verify FILE -d sim:nucleo-f767zi", "erase", "erase --chip -d sim:pybv11",
        "read -o OUT -d sim:pybv11", "read -o -", "start -d sim:nucleo-f767zi", "start -d dfu:nonsense",
        "option-bytes -d sim:pybv11", "option-bytes write -d sim:pybv11", "unprotect -d sim:pybv11", "unprotect --yes -d sim:pybv11?rdp=1", "flash FILE -d sim:nucleo-f767zi --keep unwritten", "flash FILE --dry-run --board nucleo-f767zi",
        "convert FILE -o OUT", "convert FILE -o -", "convert nowhere -o OUT", "diff FILE FILE", "diff FILE FILE@0x100", "diff FILE RAW", "simulate", "simulate no-such-board",
        "doctor -d sim:pybv11", "doctor -d sim:no-such-board", "doctor --from nowhere", "doctor --yes", "doctor -d sim:pybv11 --report OUT", "doctor -d sim:pybv11 --fix --dry-run",
    ];

    [Theory]
    [MemberData(nameof(JsonCommands))]
    public async Task Every_json_line_has_schema_and_type_and_the_last_is_the_result(string line)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync([.. Split(cli, line), "--json"]);
        Assert.All(result.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries), x =>
        {
            var json = JsonDocument.Parse(x).RootElement;
            Assert.Equal(1, json.GetProperty("schema").GetInt32());
            Assert.NotEmpty(json.GetProperty("type").GetString()!);
        });
        Assert.Equal("result", result.Result.GetProperty("type").GetString());
        Assert.Equal(result.ExitCode, result.Result.GetProperty("exitCode").GetInt32());
        Assert.Single(result.Json, x => x.GetProperty("type").GetString() == "result");
    }

    [Theory]
    [InlineData("flash FILE -d sim:nucleo-f767zi")]
    [InlineData("verify FILE -d sim:nucleo-f767zi")]
    [InlineData("erase --chip -d sim:pybv11")]
    [InlineData("read -o OUT -d sim:pybv11")]
    [InlineData("start -d sim:nucleo-f767zi")]
    [InlineData("convert FILE -o OUT")]
    [InlineData("diff FILE FILE")]
    [InlineData("no-such-command")]
    [InlineData("flash nowhere")]
    public async Task What_is_talk_leaves_stdout_empty(string line)
    {
        using var cli = new Cli { OutIsTerminal = true, ErrorIsTerminal = true };
        var result = await cli.RunAsync(Split(cli, line));
        Assert.Empty(result.Out);
        Assert.NotEmpty(result.Error);
    }

    [Theory]
    [InlineData("info FILE")]
    [InlineData("doctor -d sim:pybv11")]
    [InlineData("diff FILE RAW")]
    [InlineData("completion bash")]
    [InlineData("flash --help")]
    [InlineData("--version")]
    public async Task What_is_data_leaves_stderr_empty(string line)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync(Split(cli, line));
        Assert.NotEmpty(result.Out);
        Assert.Empty(result.Error);
    }

    [Theory]
    [InlineData("flash FILE -d sim:nucleo-f767zi")]
    [InlineData("flash FILE -d sim:nucleo-f767zi -v")]
    [InlineData("flash nowhere")]
    [InlineData("list")]
    [InlineData("diff FILE RAW")]
    [InlineData("no-such-command")]
    public async Task A_pipe_gets_no_control_characters(string line)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync(Split(cli, line));
        Assert.DoesNotContain(result.Out + result.Error, x => char.IsControl(x) && x != '\n');
    }

    [Theory]
    [InlineData("flash FILE -d sim:nucleo-f767zi")]
    [InlineData("flash nowhere")]
    [InlineData("list")]
    [InlineData("diff FILE RAW")]
    public async Task A_terminal_gets_colour(string line)
    {
        using var cli = new Cli { OutIsTerminal = true, ErrorIsTerminal = true };
        var result = await cli.RunAsync(Split(cli, line));
        Assert.Matches(Color, result.Out + result.Error);
    }

    [Theory]
    [InlineData("flash FILE -d sim:nucleo-f767zi")]
    [InlineData("flash nowhere")]
    [InlineData("list")]
    [InlineData("diff FILE RAW")]
    [InlineData("no-such-command")]
    public async Task With_NO_COLOR_a_terminal_gets_none(string line)
    {
        using var cli = new Cli { OutIsTerminal = true, ErrorIsTerminal = true, Variables = { ["NO_COLOR"] = "1" } };
        var result = await cli.RunAsync(Split(cli, line));
        Assert.DoesNotMatch(Color, result.Out + result.Error);
        result = await cli.RunAsync([.. Split(cli, line), "--color", "auto"]);
        Assert.DoesNotMatch(Color, result.Out + result.Error);
    }

    [Fact]
    public async Task An_option_beats_what_the_terminal_suggests()
    {
        using var pipe = new Cli { Variables = { ["NO_COLOR"] = "1" } };
        Assert.Matches(Color, (await pipe.RunAsync("flash", "nowhere", "--color", "always")).Error);
        using var terminal = new Cli { OutIsTerminal = true, ErrorIsTerminal = true };
        Assert.DoesNotMatch(Color, (await terminal.RunAsync("flash", "nowhere", "--color", "never")).Error);
    }

    [Theory]
    [InlineData("--no-progress", "xterm")]
    [InlineData("-v", "xterm")]
    [InlineData("--json", "dumb")]
    public async Task There_is_no_live_display_where_it_would_hurt(string option, string terminal)
    {
        using var cli = new Cli { ErrorIsTerminal = true, Variables = { ["TERM"] = terminal } };
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, option, "--color", "never");
        Assert.DoesNotContain('\u001b', result.Error);
        Assert.Contains("Comparing", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Quiet_leaves_errors_only()
    {
        using var cli = new Cli { ErrorIsTerminal = true };
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "-q");
        Assert.Equal((0, "", ""), (result.ExitCode, result.Out, result.Error));
        Assert.NotEmpty((await cli.RunAsync("flash", "nowhere", "-q")).Error);
    }

    private const string Color = "\u001b\\[[0-9;]*m";

    // A vector table for the start of flash, and nothing behind it.
    private static byte[] ProgramForFlash() => [0, 0, 2, 0x20, 9, 0, 0, 8, 0, 0, 0, 0];

    private static string[] Split(Cli cli, string line) =>
        [.. line.Split(' ').Select(x => x switch { "FILE" => cli.Dfu, "OUT" => Path.Combine(cli.Folder, "out.bin"), "RAW" => cli.Write("raw.bin", ProgramForFlash()), _ => x })];
}
