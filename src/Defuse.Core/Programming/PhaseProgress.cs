namespace Defuse.Programming;

/// <summary>Counts a phase's bytes and tells of them.</summary>
internal sealed class PhaseProgress
{
    private readonly ProgrammingPhase _phase;
    private readonly long _totalBytes;
    private readonly TimeProvider _time;
    private readonly IProgress<ProgrammingEvent>? _progress;
    private readonly long _started;
    private long _bytes;

    public PhaseProgress(ProgrammingPhase phase, long totalBytes, TimeProvider time, IProgress<ProgrammingEvent>? progress)
    {
        _phase = phase;
        _totalBytes = totalBytes;
        _time = time;
        _progress = progress;
        _started = time.GetTimestamp();
        progress?.Report(new ProgrammingEvent.PhaseStarted(phase, totalBytes));
    }

    public void Advance(uint address, long bytes)
    {
        _bytes += bytes;
        if (_progress is null)
        {
            return;
        }

        var seconds = _time.GetElapsedTime(_started).TotalSeconds;
        var rate = seconds > 0 ? _bytes / seconds : 0;
        TimeSpan? left = rate > 0 ? TimeSpan.FromSeconds((_totalBytes - _bytes) / rate) : null;
        _progress.Report(new ProgrammingEvent.Progressed(_phase, address, _bytes, _totalBytes, rate, left));
    }

    public void Finish() => _progress?.Report(new ProgrammingEvent.PhaseFinished(_phase, _bytes, _time.GetElapsedTime(_started)));
}
