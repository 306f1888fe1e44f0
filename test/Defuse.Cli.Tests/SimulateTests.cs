namespace Defuse.Cli.Tests;

public class SimulateTests
{
    [Fact]
    public async Task A_simulated_board_is_served_and_can_be_flashed_until_the_interrupt()
    {
        using var interrupt = new CancellationTokenSource();
        using var cli = new Cli { Interrupt = interrupt.Token };
        var ready = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        var serving = ServeAsync(cli, ready, "nucleo-f767zi", "--port", "0", "--time", "0");
        var address = await ready.Task.WaitAsync(TimeSpan.FromSeconds(30));

        using var client = new Cli();
        var listed = await client.RunAsync("list", "--device", address[..(address.LastIndexOf('/') + 1)]);
        Assert.StartsWith(address, listed.Out, StringComparison.Ordinal);
        var flashed = await client.RunAsync("flash", client.Dfu, "--device", address, "--json");
        Assert.Equal((0, "verified"), (flashed.ExitCode, flashed.Result.GetProperty("outcome").GetString()));

        await interrupt.CancelAsync();
        var (exitCode, output) = await serving;
        Assert.Equal(0, exitCode);
        Assert.StartsWith($"{address}  sim:nucleo-f767zi\n", output, StringComparison.Ordinal);
    }

    internal static async Task<(int ExitCode, string Out)> ServeAsync(Cli cli, TaskCompletionSource<string> ready, params string[] args)
    {
        using var output = new WatchedWriter(line => ready.TrySetResult(line.Split(' ')[0]));
        var environment = new CliEnvironment
        {
            Out = output,
            Error = TextWriter.Null,
            OpenOutStream = () => Stream.Null,
            OpenInStream = () => Stream.Null,
            GetVariable = _ => null,
            Time = TimeProvider.System,
            Version = "1.2.3",
            SimulatorFolder = Path.Combine(cli.Folder, "boards"),
        };
        var exitCode = await new CliApplication(environment).RunAsync(["simulate", .. args], cli.Interrupt);
        ready.TrySetException(new InvalidOperationException($"It ended with {exitCode}."));
        return (exitCode, output.ToString());
    }

    private sealed class WatchedWriter(Action<string> onLine) : StringWriter
    {
        public override void WriteLine(string? value)
        {
            Write(value + "\n");
            onLine(value ?? "");
        }
    }
}
