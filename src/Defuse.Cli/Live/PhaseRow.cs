using Defuse.Programming;

namespace Defuse.Cli.Live;

/// <summary>A phase as the live display has it.</summary>
internal sealed class PhaseRow(ProgrammingPhase phase)
{
    public ProgrammingPhase Phase => phase;

    public bool IsBegun { get; set; }

    public bool IsFinished { get; set; }

    /// <summary>Whether the comparison showed that there is nothing to do.</summary>
    public bool IsNeedless { get; set; }

    public long Bytes { get; set; }

    public long TotalBytes { get; set; }

    public double BytesPerSecond { get; set; }

    public TimeSpan? TimeLeft { get; set; }

    public TimeSpan Elapsed { get; set; }

    /// <summary>How much is done, from 0 to 1.</summary>
    public double Fraction => IsFinished ? 1 : TotalBytes == 0 ? 0 : Math.Clamp((double)Bytes / TotalBytes, 0, 1);
}
