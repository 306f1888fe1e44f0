namespace Defuse.Cli;

/// <summary>Counts the signals that ask for an end.</summary>
internal sealed class Interruption(TimeProvider time, CancellationTokenSource cancellation)
{
    // Whoever signals a process and then its group, as GNU timeout does, means one signal.
    private static readonly TimeSpan Together = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private long? _first;

    /// <summary>Takes a signal: the first one cancels.</summary>
    /// <returns>Whether the process is to end at once, without waiting for the work in flight.</returns>
    public bool Take()
    {
        lock (_lock)
        {
            if (_first is { } first)
            {
                return time.GetElapsedTime(first) >= Together;
            }

            _first = time.GetTimestamp();
        }

        cancellation.Cancel();
        return false;
    }
}
