namespace Defuse.Entering;

/// <summary>Something that happened while a board is taken to DFU mode.</summary>
/// <param name="Step">What.</param>
/// <param name="Way">The way that it belongs to.</param>
/// <param name="Text">The same for people: half a sentence without a full stop.</param>
public sealed record EntryEvent(EntryStep Step, EntryWay Way, string Text)
{
    /// <summary>The serial port that the program is asked through; null if through none.</summary>
    public string? Port { get; init; }
}
