using Defuse.Connections;
using Defuse.Diagnostics;
using Defuse.Monitoring;

namespace Defuse.Cli;

/// <summary>All that the command line touches of the world besides files, so that it runs whole inside a test.</summary>
internal sealed record CliEnvironment
{
    /// <summary>Where data goes.</summary>
    public required TextWriter Out { get; init; }

    /// <summary>Where talk goes.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Cancelled when <see cref="Out"/> takes nothing any more: what goes on only for its sake ends then.</summary>
    public CancellationToken OutFailing { get; init; }

    /// <summary>Standard output as bytes, for firmware that is written to it.</summary>
    public required Func<Stream> OpenOutStream { get; init; }

    /// <summary>Standard output as a pipe that tells when nobody reads from it any more; null where it is none, and <see cref="OpenOutStream"/> serves.</summary>
    public Func<Stream?> OpenOutPipe { get; init; } = static () => null;

    /// <summary>Standard input as bytes, for firmware that is read from it.</summary>
    public required Func<Stream> OpenInStream { get; init; }

    /// <summary>Whether a person types what comes from standard input.</summary>
    public bool InIsTerminal { get; init; }

    /// <summary>Standard input key by key, Ctrl-C among them, where a person types it; null if it cannot be had so.</summary>
    public Func<Stream?> OpenKeyboard { get; init; } = SerialMonitor.OpenKeyboard;

    /// <summary>Whether a person sees what goes to <see cref="Out"/>.</summary>
    public bool OutIsTerminal { get; init; }

    /// <summary>Whether a person sees what goes to <see cref="Error"/>.</summary>
    public bool ErrorIsTerminal { get; init; }

    /// <summary>How many columns there are to fill.</summary>
    public int Width { get; init; } = 80;

    /// <summary>How many lines there are to fill.</summary>
    public int Height { get; init; } = 50;

    /// <summary>Environment variables by name; null for one that is not set.</summary>
    public required Func<string, string?> GetVariable { get; init; }

    /// <summary>The clock.</summary>
    public required TimeProvider Time { get; init; }

    /// <summary>The program's version.</summary>
    public required string Version { get; init; }

    /// <summary>Where simulated boards keep their flash; null for the usual folder.</summary>
    public string? SimulatorFolder { get; init; }

    /// <summary>Where files go that are not to stay.</summary>
    public string TemporaryFolder { get; init; } = Path.GetTempPath();

    /// <summary>Makes the catalog of boards.</summary>
    public Func<DefuseBoardsOptions, BoardCatalog> CreateCatalog { get; init; } = DefuseBoards.CreateCatalog;

    /// <summary>Makes what tells of the computer and of what is plugged in.</summary>
    public Func<DefuseBoardsOptions, IHostInventorySource> CreateSource { get; init; } = DefuseDoctor.CreateSource;

    /// <summary>Makes what mends this computer's settings; takes whether a password could be asked for, and returns null where nothing can be mended.</summary>
    public Func<bool, IMender?> CreateMender { get; init; } = DefuseDoctor.CreateMender;

    /// <summary>Makes the serial monitor.</summary>
    public Func<DefuseBoardsOptions, SerialMonitor> CreateSerialMonitor { get; init; } = DefuseBoards.CreateSerialMonitor;
}
