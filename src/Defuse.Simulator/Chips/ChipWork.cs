namespace Defuse.Simulator.Chips;

/// <summary>Work that a memory does by itself once it was begun, until it is done or the power fails.</summary>
/// <param name="start">When it begins.</param>
/// <param name="end">When it is done.</param>
/// <param name="complete">Does it to the cells; false if the memory reports a failure.</param>
/// <param name="interrupt">Does a part of it, from 0 to 1, and leaves what was in hand undefined.</param>
internal sealed class ChipWork(TimeSpan start, TimeSpan end, Func<bool> complete, Action<double> interrupt)
{
    public TimeSpan End => end;

    /// <summary>Whether the memory reported no failure; known when it is done.</summary>
    public bool Succeeded { get; private set; } = true;

    public void Complete() => Succeeded = complete();

    public void Interrupt(TimeSpan now)
    {
        if (now > start)
        {
            interrupt((now - start) / (end - start));
        }
    }
}
