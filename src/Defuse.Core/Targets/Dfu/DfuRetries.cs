namespace Defuse.Targets.Dfu;

/// <summary>Says when a transfer may be repeated, and counts those that were.</summary>
/// <remarks>
/// Only what failed for no reason that the device names: a STALL that its status does not explain, no answer in time, an
/// error of the bus. What left the bus is not asked again.
/// </remarks>
/// <param name="time">The device's clock.</param>
/// <param name="quirks">What is known of the device.</param>
/// <param name="slowDown">Called when a transfer failed on a link that is known to be too quick.</param>
internal sealed class DfuRetries(TimeProvider time, DfuQuirks quirks, Action? slowDown)
{
    private const int Most = 3;

    private const string Hub = "put a USB hub between the board and the computer, or use another port, and run the same command again";

    private readonly TimeProvider _time = time;
    private readonly TimeSpan _pause = quirks.RetryPause;
    private int _count;

    /// <summary>What helps where transfers fail, if the device is known for that.</summary>
    public string? Advice => quirks.HasWeakLink ? "a hub between the board and the computer helps with such ports" : null;

    /// <summary>What to do when repeating did not help, if the device is known for that.</summary>
    public string? Remedy => quirks.HasWeakLink ? Hub : null;

    /// <summary>How many transfers were repeated since this was last asked.</summary>
    public int Take()
    {
        var count = _count;
        _count = 0;
        return count;
    }

    /// <summary>Begins something that may be repeated until its time is over.</summary>
    public Attempt Begin(TimeSpan budget) => new(this, budget);

    private void SlowDown()
    {
        if (quirks.HasWeakLink)
        {
            slowDown?.Invoke();
        }
    }

    private bool IsTransient(DefuseException e) => e switch
    {
        TransportException { Failure: TransportFailure.Stall or TransportFailure.Timeout or TransportFailure.Fault } => true,

        // On a port that spoils transfers, one answer that speaks of protection is no evidence of it.
        DfuException { Code: DfuStatusCode.Vendor } => quirks.HasWeakLink,
        _ => false,
    };

    /// <summary>One piece of work, and how often it was tried.</summary>
    internal sealed class Attempt(DfuRetries retries, TimeSpan budget)
    {
        private readonly long _started = retries._time.GetTimestamp();
        private int _repeats;

        /// <summary>Whether what failed so may be repeated.</summary>
        public bool MayRepeat(DefuseException e) =>
            _repeats < Most && retries.IsTransient(e) && retries._time.GetElapsedTime(_started) < budget;

        /// <summary>Waits before it is repeated, each time twice as long.</summary>
        public Task PauseAsync()
        {
            retries._count++;
            retries.SlowDown();
            return Task.Delay(retries._pause * (1 << _repeats++), retries._time, CancellationToken.None);
        }
    }
}
