using Defuse.Programming;

namespace Defuse.Cli.DfuUtil;

/// <summary>Shows one phase of the work as one bar.</summary>
internal sealed class PhaseBar(ProgressBar bar, ProgrammingPhase phase) : IProgress<ProgrammingEvent>
{
    public void Report(ProgrammingEvent value)
    {
        if (value is ProgrammingEvent.PhaseStarted started && started.Phase == phase)
        {
            bar.Report(0);
        }
        else if (value is ProgrammingEvent.Progressed { TotalBytes: > 0 } progress && progress.Phase == phase)
        {
            bar.Report((double)progress.Bytes / progress.TotalBytes);
        }
    }
}
