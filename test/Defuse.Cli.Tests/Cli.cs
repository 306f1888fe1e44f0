using System.Text.RegularExpressions;
using Defuse.Connections;
using Defuse.Diagnostics;
using Defuse.Monitoring;
using Defuse.Transports;

namespace Defuse.Cli.Tests;

/// <summary>The whole command line in this process, with a folder, streams and boards of its own.</summary>
internal sealed partial class Cli : IDisposable
{
    public const string F767 = "sim:nucleo-f767zi";

    public Cli() => Directory.CreateDirectory(Folder);

    public string Folder { get; } = Path.Combine(Path.GetTempPath(), "defuse-cli-" + Guid.NewGuid().ToString("N")[..8]);

    public Dictionary<string, string> Variables { get; } = [];

    /// <summary>What comes from stdin.</summary>
    public byte[] Input { get; set; } = [];

    /// <summary>Stdin itself, where bytes are not enough.</summary>
    public Stream? In { get; init; }

    public bool InIsTerminal { get; init; }

    public bool OutIsTerminal { get; init; }

    public bool ErrorIsTerminal { get; init; }

    public int Width { get; init; } = 80;

    /// <summary>Stdin key by key.</summary>
    public Stream? Keyboard { get; init; }

    /// <summary>What takes stdout's bytes, where they are not kept.</summary>
    public Stream? Screen { get; init; }

    /// <summary>What takes stderr, where a test reads it while it comes.</summary>
    public StringWriter? Talk { get; init; }

    /// <summary>The serial ports; those of this machine where it is null.</summary>
    public ISerialHost? SerialHost { get; init; }

    /// <summary>The boards; those of the library where it is null.</summary>
    public FakeBoards? Boards { get; init; }

    /// <summary>Where boards come and go; see <see cref="Boards"/>.</summary>
    public IConnectionProvider? Bus { get; init; }

    /// <summary>Ways to reach boards; those of the library where it is null.</summary>
    public IConnectionProvider[]? Providers { get; init; }

    /// <summary>What is plugged in, in DFU mode or not; null if nobody tells.</summary>
    public HostInventory? Seen { get; init; }

    /// <summary>What is plugged in, for the doctor; what really is where it is null.</summary>
    public IHostInventorySource? Source { get; init; }

    /// <summary>What mends; nothing where it is null.</summary>
    public IMender? Mender { get; init; }

    public CancellationToken Interrupt { get; set; }

    /// <summary>What takes stdout, where it is not kept.</summary>
    public TextWriter? Out { get; init; }

    /// <summary>How the last boards were opened, where <see cref="Providers"/> has them.</summary>
    public DefuseBoardsOptions? Opening { get; private set; }

    /// <summary>The program that runs.</summary>
    public CliApplication? Application { get; private set; }

    public string Dfu => Sample("blinky.dfu");

    public async Task<CliResult> RunAsync(params string[] args)
    {
        using var output = new StringWriter { NewLine = "\n" };
        using var ownError = new StringWriter { NewLine = "\n" };
        var error = Talk ?? ownError;
        var bytes = new MemoryStream();
        var environment = new CliEnvironment
        {
            Out = Out ?? TextWriter.Synchronized(output),
            Error = TextWriter.Synchronized(error),
            OpenOutStream = () => Screen ?? bytes,
            OpenInStream = () => In ?? new MemoryStream(Input, writable: false),
            OpenKeyboard = () => Keyboard,
            InIsTerminal = InIsTerminal,
            OutIsTerminal = OutIsTerminal,
            ErrorIsTerminal = ErrorIsTerminal,
            Width = Width,
            GetVariable = Variables.GetValueOrDefault,
            Time = TimeProvider.System,
            Version = "1.2.3",
            TemporaryFolder = Folder,
            SimulatorFolder = Path.Combine(Folder, "boards"),
        };
        if (Source is { } source)
        {
            environment = environment with { CreateSource = _ => source, CreateMender = _ => Mender };
        }

        if ((Boards ?? Bus) is { } boards)
        {
            environment = environment with { CreateCatalog = options => new BoardCatalog([boards], options.Time, Seen is { } seen ? new FakeInventorySource(seen) : null) };
        }

        if (Providers is { } providers)
        {
            environment = environment with { CreateCatalog = options => new BoardCatalog(providers, (Opening = options).Time) };
        }

        if (SerialHost is { } serialHost)
        {
            environment = environment with { CreateSerialMonitor = options => new SerialMonitor(serialHost, options.Time) };
        }

        Application = new CliApplication(environment);
        var exitCode = await Application.RunAsync(args, Interrupt);
        return new CliResult(exitCode, output.ToString(), error.ToString(), bytes.ToArray());
    }

    /// <summary>A file of the sample firmware, in the folder.</summary>
    public string Sample(string name) => Write(name, File.ReadAllBytes(Checkout.At("samples", "nucleo-f767zi-blinky", name)));

    public string Write(string name, byte[] bytes)
    {
        var path = Path.Combine(Folder, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    /// <summary>The text without what differs from run to run.</summary>
    public string Scrub(string text)
    {
        text = text.Replace(Folder + Path.DirectorySeparatorChar, "", StringComparison.Ordinal);
        text = text.Replace(SimulatedBoards.DefaultFolder, "FOLDER", StringComparison.Ordinal);
        text = JsonTime().Replace(text, "\"$1\":0");
        text = TimeOfDay().Replace(text, "\"began\":\"TIME\"");
        return Rate().Replace(Time().Replace(text, "T s"), "RATE");
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    [GeneratedRegex("\"(seconds|bytesPerSecond|secondsLeft)\":[0-9.]+")]
    private static partial Regex JsonTime();

    [GeneratedRegex("\"began\":\"[0-9TZ:.-]+\"")]
    private static partial Regex TimeOfDay();

    [GeneratedRegex(@"(\d+ min )?(?<!timeout )\b\d+(\.\d)? m?s\b")]
    private static partial Regex Time();

    [GeneratedRegex(@"\d+(\.\d)? [KM]B/s")]
    private static partial Regex Rate();
}
