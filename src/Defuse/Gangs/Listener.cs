namespace Defuse.Gangs;

/// <summary>Passes events on. What the listener throws is kept: it must not end the work on a board that is half written.</summary>
internal sealed class Listener(IProgress<GangEvent>? inner) : IProgress<GangEvent>
{
    private Exception? _failure;

    /// <summary>The first thing that it threw; null if nothing.</summary>
    public Exception? Failure => Volatile.Read(ref _failure);

    public void Report(GangEvent value)
    {
        try
        {
            inner?.Report(value);
        }
#pragma warning disable CA1031 // It is in the report.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Interlocked.CompareExchange(ref _failure, e, null);
        }
    }
}
