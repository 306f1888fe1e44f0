using Defuse.Connections;
using Defuse.Devices;
using Defuse.Programming;

namespace Defuse.Gangs;

/// <summary>How the work on one board ended.</summary>
public sealed record BoardRecord
{
    /// <summary>The board, as it was found.</summary>
    public required BoardInfo Board { get; init; }

    /// <summary>What it is; null if it could not be opened.</summary>
    public TargetDescription? Target { get; init; }

    /// <summary>What was done and what is known; null if it did not come to that.</summary>
    public FlashReport? Report { get; init; }

    /// <summary>
    /// What went wrong; null if nothing did. A <see cref="DefuseException"/> or an <see cref="OperationCanceledException"/>, unless
    /// the work itself has a mistake.
    /// </summary>
    public Exception? Error { get; init; }

    /// <summary>When it was begun.</summary>
    public required DateTimeOffset Began { get; init; }

    /// <summary>How long it took from then on, on the wall's clock; <see cref="FlashReport.Elapsed"/> is on the board's.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The serial number, as far as it could be found out. Not unique.</summary>
    public string? SerialNumber => Target?.SerialNumber ?? Board.SerialNumber;

    /// <summary>Whether all that was asked for was done.</summary>
    public bool IsSuccess => Error is null && Report is { IsSuccess: true };
}
