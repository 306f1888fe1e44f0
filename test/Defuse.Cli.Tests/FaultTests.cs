using System.Text.Json;

namespace Defuse.Cli.Tests;

/// <summary>What the command line says and ends with when a board has a fault; a sample of the walk through all of them.</summary>
public class FaultTests
{
    [Theory]
    [InlineData("late@status:5", "flash", 0, "verified", null)]
    [InlineData("stall@write:100", "flash", 0, "verified", null)]
    [InlineData("timeout@compare:100", "flash", 0, "verified", null)]
    [InlineData("unplug@compare:100", "flash", 1, "failed", "transport")]
    [InlineData("reset@erase", "flash", 7, "incomplete", "transport")]
    [InlineData("unplug@write:700", "flash", 7, "incomplete", "transport")]
    [InlineData("serial@verify:100", "flash", 7, "incomplete", "transport")]
    [InlineData("refuse@write:100", "flash", 7, "incomplete", "device")]
    [InlineData("refuse@erase", "flash", 7, "incomplete", "device")]
    [InlineData("busy@write", "flash", 7, "incomplete", "transport")]
    [InlineData("bitrot@write:700", "flash", 6, "differs", "differs")]
    [InlineData("bitrot@verify:700", "flash", 6, "differs", "differs")]
    [InlineData("bitrot@compare:700", "flash", 0, "verified", null)]
    [InlineData("refuse@start", "flash", 0, "verified", null)]
    [InlineData("unplug@open:9", "flash", 3, "failed", "no-device")]
    [InlineData("timeout@open:9", "flash", 1, "failed", "transport")]
    [InlineData("unplug@erase", "erase", 7, "incomplete", "transport")]
    [InlineData("bitrot@verify:700", "erase", 6, "differs", "differs")]
    [InlineData("unplug@read:700", "read", 1, "failed", "transport")]
    [InlineData("busy@read:700", "read", 1, "failed", "transport")]
    [InlineData("refuse@start", "start", 1, "failed", "device")]
    [InlineData("unplug@start", "start", 0, "done", null)]
    public async Task A_fault_ends_with_its_exit_code_and_the_same_command_again_finishes(
        string script, string command, int exitCode, string outcome, string? kind)
    {
        using var cli = new Cli();
        string[] args = command switch
        {
            "flash" => ["flash", cli.Dfu],
            "erase" => ["erase", "--range", "0x08000000+64K"],
            "read" => ["read", "--range", "0x08000000+64K", "-o", Path.Combine(cli.Folder, "out.bin")],
            _ => [command],
        };
        if (command is "start")
        {
            await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--no-start");
        }

        var result = await cli.RunAsync([.. args, "--json", "-d", $"{Cli.F767}?fault={script}"]);

        Assert.Equal((exitCode, outcome), (result.ExitCode, result.Result.GetProperty("outcome").GetString()));
        var error = result.Result.GetProperty("error");
        Assert.Equal(kind, error.ValueKind == JsonValueKind.Null ? null : error.GetProperty("kind").GetString());
        if (kind is not null)
        {
            Assert.False(string.IsNullOrEmpty(error.GetProperty("remedy").GetString()));
        }

        Assert.Equal(0, (await cli.RunAsync([.. args, "-d", Cli.F767])).ExitCode);
    }

    [Theory]
    [InlineData("flash", "-d", "sim:nucleo-f767zi?fault=nonsense")]
    [InlineData("flash", "-d", "sim:nucleo-f767zi?fault=stall@lunch")]
    public async Task A_script_that_is_none_is_wrong_usage(params string[] args)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync([.. args, cli.Dfu]);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("unplug@write:12345", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_served_board_has_its_faults()
    {
        using var interrupt = new CancellationTokenSource();
        using var cli = new Cli { Interrupt = interrupt.Token };
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = SimulateTests.ServeAsync(cli, ready, "nucleo-f767zi", "--port", "0", "--time", "0", "--fault", "unplug@write:700");
        var address = await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));
        using var client = new Cli();

        var first = await client.RunAsync("flash", client.Dfu, "--device", address);
        var second = await client.RunAsync("flash", client.Dfu, "--device", address);

        Assert.Equal((7, 0), (first.ExitCode, second.ExitCode));
        await interrupt.CancelAsync();
        Assert.Equal(0, (await serving).ExitCode);
    }

    [Fact]
    public async Task A_script_that_cannot_be_served_is_wrong_usage()
    {
        using var cli = new Cli();
        Assert.Equal(2, (await cli.RunAsync("simulate", "nucleo-f767zi", "--port", "0", "--fault", "stall@lunch")).ExitCode);
    }
}
