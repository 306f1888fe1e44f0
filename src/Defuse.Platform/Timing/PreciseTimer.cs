namespace Defuse.Platform.Timing;

/// <summary>A timer of a <see cref="PreciseTimeProvider"/>.</summary>
internal sealed class PreciseTimer(PreciseTimeProvider provider, TimerCallback callback, object? state) : ITimer
{
    private readonly Lock _gate = new();
    private readonly ExecutionContext? _context = ExecutionContext.Capture();
    private TaskCompletionSource? _idle;
    private int _running;

    /// <summary>Where it waits in the queue; null while it does not. The provider's lock guards this and what follows.</summary>
    public (long Due, long Order)? Place { get; set; }

    /// <summary>Ticks of the provider's clock between two callbacks; 0 for one callback only.</summary>
    public long Period { get; set; }

    public bool IsDisposed { get; set; }

    public bool Change(TimeSpan dueTime, TimeSpan period) => provider.Change(this, dueTime, period);

    public void Dispose() => provider.Remove(this);

    /// <summary>Completes when no callback of it runs any more.</summary>
    public ValueTask DisposeAsync()
    {
        provider.Remove(this);
        lock (_gate)
        {
            if (_running == 0)
            {
                return ValueTask.CompletedTask;
            }

            _idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(_idle.Task);
        }
    }

    /// <summary>Has the callback run on the thread pool.</summary>
    public void Fire()
    {
        lock (_gate)
        {
            _running++;
        }

        ThreadPool.UnsafeQueueUserWorkItem(static x => x.Run(), this, preferLocal: false);
    }

    private void Run()
    {
        try
        {
            if (_context is null)
            {
                callback(state);
            }
            else
            {
                ExecutionContext.Run(_context, static x => ((PreciseTimer)x!).Call(), this);
            }
        }
        finally
        {
            lock (_gate)
            {
                if (--_running == 0)
                {
                    _idle?.TrySetResult();
                }
            }
        }
    }

    private void Call() => callback(state);
}
