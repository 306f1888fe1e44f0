using Defuse.Entering;

namespace Defuse.Connections;

/// <summary>Whether and how boards that run their program are taken to DFU mode when they are opened.</summary>
/// <param name="Entrance">What does it.</param>
public sealed record EntrySettings(DfuEntrance Entrance)
{
    /// <summary>When opening may do it.</summary>
    public ProgramEntry When { get; init; } = ProgramEntry.Named;

    /// <summary>Takes what happens when a board is opened; null for nobody.</summary>
    public IProgress<EntryEvent>? Progress { get; init; }

    /// <summary>What opening a board fails with whose program is to be left alone.</summary>
    /// <param name="board">The board.</param>
    public static ConnectionException LeftAlone(RunningBoard board)
    {
        ArgumentNullException.ThrowIfNull(board);
        return new ConnectionException(
            ConnectionFailure.CannotOpen,
            $"{board.Title} runs its program, which is to be left alone (--no-enter, --dry-run)",
            "take it to its bootloader first: `defuse enter-dfu --device ADDRESS`, or its button or jumper");
    }
}
