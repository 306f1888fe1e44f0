using System.Reflection;
using System.Runtime.InteropServices;
using System.Text;
using Defuse.Cli.DfuUtil;
using Defuse.Cli.Output;

namespace Defuse.Cli;

/// <summary>The process: streams, signals, exit code.</summary>
internal static class Program
{
    public static async Task<int> Main(string[] args)
    {
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var environment = new CliEnvironment
        {
            Out = BrokenPipe.OpenStandardOutput() ?? Console.Out,
            Error = Console.Error,
            OpenOutStream = Console.OpenStandardOutput,
            OpenOutPipe = BrokenPipe.OpenPipe,
            OpenInStream = Console.OpenStandardInput,
            InIsTerminal = !Console.IsInputRedirected,
            OutIsTerminal = !Console.IsOutputRedirected,
            ErrorIsTerminal = !Console.IsErrorRedirected,
            Width = Size(() => Console.WindowWidth, 80),
            Height = Size(() => Console.WindowHeight, 50),
            GetVariable = Environment.GetEnvironmentVariable,
            Time = TimeProvider.System,
            Version = typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "0",
        };
        var application = new CliApplication(environment);
        using var cancellation = new CancellationTokenSource();
        var interruption = new Interruption(environment.Time, cancellation);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, x => Stop(x, application, interruption));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, x => Stop(x, application, interruption));
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, x => Stop(x, application, interruption));
        return await application.RunAsync(ProgramName.IsDfuUtil() ? [DfuUtilFrontEnd.Name, .. args] : args, cancellation.Token).ConfigureAwait(false);
    }

    // The first signal asks for an end that leaves the board ready; whoever sends a second one wants out.
    private static void Stop(PosixSignalContext signal, CliApplication application, Interruption interruption)
    {
        signal.Cancel = true;
        if (!interruption.Take())
        {
            return;
        }

        if (!Console.IsErrorRedirected)
        {
            // The live display hides the cursor.
            Console.Error.Write("\u001b[?25h\n");
        }

        // What takes the output may have stopped taking it.
        var saying = new Thread(application.Abandon) { IsBackground = true };
        saying.Start();
        saying.Join(TimeSpan.FromSeconds(1));
        Environment.Exit(ExitCode.Cancelled);
    }

    private static int Size(Func<int> look, int usual)
    {
        try
        {
            return Console.IsErrorRedirected && Console.IsOutputRedirected ? usual : look() is > 0 and var size ? size : usual;
        }
        catch (Exception e) when (e is IOException or PlatformNotSupportedException)
        {
            return usual;
        }
    }
}
