namespace Defuse.Platform.Timing;

/// <summary>Holds one thread until a time has passed, to a fraction of a millisecond.</summary>
internal interface IPreciseWaiter : IDisposable
{
    /// <summary>Waits until the time has passed, or until it is woken. It may come back early, never late by much.</summary>
    /// <param name="time">How long; <see cref="Timeout.InfiniteTimeSpan"/> for until it is woken.</param>
    void Wait(TimeSpan time);

    /// <summary>Ends the wait that is on, or else the next one. For any thread.</summary>
    void Wake();
}
