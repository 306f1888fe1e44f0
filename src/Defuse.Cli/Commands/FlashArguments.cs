using System.Collections.Immutable;
using Defuse.Connections;
using Defuse.Formats;
using Defuse.Planning;

namespace Defuse.Cli.Commands;

/// <summary>What defuse flash was told.</summary>
internal sealed record FlashArguments
{
    public required string File { get; init; }

    public ImmutableArray<ConnectionAddress> Devices { get; init; } = [];

    /// <summary>How they were written.</summary>
    public ImmutableDictionary<ConnectionAddress, string> Names { get; init; } = ImmutableDictionary<ConnectionAddress, string>.Empty;

    public bool All { get; init; }

    public bool Watch { get; init; }

    public int? Count { get; init; }

    public KnownTarget? Known { get; init; }

    public string? Backup { get; init; }

    public bool DryRun { get; init; }

    public uint? Address { get; init; }

    public FileAllowances Allow { get; init; }

    public bool Wait { get; init; }

    public bool Fresh { get; init; }

    /// <summary>When opening the board may ask its program for DFU mode.</summary>
    public ProgramEntry Entry { get; init; } = ProgramEntry.OnlyOne;

    /// <summary>Whether what comes back after the start is looked at.</summary>
    public bool Follow { get; init; } = true;

    public required FlashOptions Options { get; init; }

    /// <summary>Whether it is about any number of boards.</summary>
    public bool IsGang => All || Watch || Devices.Length > 1;
}
