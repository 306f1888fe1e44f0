using System.Collections.Immutable;
using Defuse.Planning;
using Defuse.Targets;

namespace Defuse.Programming;

/// <summary>What was done and what is known, also when it failed.</summary>
public sealed record FlashReport
{
    /// <summary>How it ended.</summary>
    public required FlashOutcome Outcome { get; init; }

    /// <summary>What went wrong; null if nothing did.</summary>
    public DefuseException? Error { get; init; }

    /// <summary>The plan as it was run; null if it was refused before there was one.</summary>
    public FlashPlan? Plan { get; init; }

    /// <summary>Every range of the plan's sectors with what is known of it, by address.</summary>
    public ImmutableArray<ReportedRange> Ranges { get; init; } = [];

    /// <summary>How many bytes the device confirmed as written, padding included.</summary>
    public long BytesWritten { get; init; }

    /// <summary>How many bytes were read back and are as they should be.</summary>
    public long BytesVerified { get; init; }

    /// <summary>How many sectors were erased.</summary>
    public int SectorsErased { get; init; }

    /// <summary>How long it took, on the device's clock.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>What was seen when the program was started; null if it was not, or did not start.</summary>
    public StartOutcome? Started { get; init; }

    /// <summary>How many transfers failed for no reason that the device named, and were repeated.</summary>
    public int Retries { get; init; }

    /// <summary>What a person should know besides, in plain words.</summary>
    public ImmutableArray<string> Warnings { get; init; } = [];

    /// <summary>Whether all that was asked for was done; verification too, unless that was not asked for.</summary>
    public bool IsSuccess => Outcome is FlashOutcome.Verified or FlashOutcome.WrittenUnverified;

    /// <summary>Throws unless all that was asked for was done.</summary>
    /// <exception cref="DefuseException">What went wrong.</exception>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void EnsureSuccess()
    {
        if (Outcome == FlashOutcome.Cancelled)
        {
            throw new OperationCanceledException("The work was cancelled; the report's ranges say what is on the chip.", Error);
        }

        if (Error is not null && !IsSuccess)
        {
            throw Error;
        }
    }
}
