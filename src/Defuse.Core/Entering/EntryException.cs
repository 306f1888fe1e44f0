using System.Collections.Immutable;

namespace Defuse.Entering;

/// <summary>A board that runs its program could not be taken to DFU mode.</summary>
public sealed class EntryException : DefuseException
{
    /// <param name="board">The board.</param>
    /// <param name="attempts">What was tried.</param>
    /// <param name="reason">What happened, as one plain sentence without a full stop at its end.</param>
    /// <param name="remedy">What a person can do about it.</param>
    /// <param name="innerException">The cause underneath.</param>
    public EntryException(
        RunningBoard board, ImmutableArray<EntryAttempt> attempts, string reason, string? remedy, Exception? innerException = null)
        : base(reason, remedy: remedy, innerException: innerException)
    {
        Board = board;
        Attempts = attempts;
    }

    /// <summary>The board.</summary>
    public RunningBoard Board { get; }

    /// <summary>Whether its bootloader has to be started by hand: by its BOOT0 pin, jumper, switch or button.</summary>
    public bool IsByHand { get; init; }

    /// <summary>What was tried, in order; empty if nothing could be.</summary>
    public ImmutableArray<EntryAttempt> Attempts { get; }
}
