using Defuse.Connections;
using Defuse.Diagnostics;
using Defuse.Entering;
using Microsoft.Extensions.Logging;

namespace Defuse;

/// <summary>How boards are looked for.</summary>
public sealed record DefuseBoardsOptions
{
    /// <summary>The clock that waiting goes by; simulated boards bring their own.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Where the memories of simulated boards are kept; null for <see cref="SimulatedBoards.DefaultFolder"/>.</summary>
    public string? SimulatorFolder { get; init; }

    /// <summary>Whether a simulated board is blank each time it is opened.</summary>
    public bool FreshSimulators { get; init; }

    /// <summary>Records the transfers with the boards that are opened; null for no trace.</summary>
    public TraceOptions? Trace { get; init; }

    /// <summary>When opening a board may ask the program that it runs for DFU mode.</summary>
    public ProgramEntry Entry { get; init; } = ProgramEntry.Named;

    /// <summary>Takes what happens while a board is taken to DFU mode; null for nobody.</summary>
    public IProgress<EntryEvent>? EntryProgress { get; init; }

    /// <summary>Tells of the computer and of what is plugged in; null for this computer's own records.</summary>
    public IHostInventorySource? Inventory { get; init; }

    /// <summary>Takes what is of interest when something goes wrong.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
