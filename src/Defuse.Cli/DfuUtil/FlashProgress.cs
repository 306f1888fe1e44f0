using Defuse.Programming;

namespace Defuse.Cli.DfuUtil;

/// <summary>
/// Shows flashing as dfu-util's two bars: "Erase" until there is nothing more to erase, comparison included, and "Download" until
/// what was written is read back.
/// </summary>
internal sealed class FlashProgress(DfuUtilConsole console, long totalBytes) : IProgress<ProgrammingEvent>
{
    private readonly ProgressBar _erase = new(console, "Erase   ", totalBytes);
    private readonly ProgressBar _download = new(console, "Download", totalBytes);
    private bool _compares;
    private bool _verifies;
    private bool _hasErased;

    public void Report(ProgrammingEvent value)
    {
        switch (value)
        {
            case ProgrammingEvent.Planned(var plan):
                _verifies = !plan.VerifyReads.IsEmpty;
                break;
            case ProgrammingEvent.PhaseStarted(var phase, _):
                _compares |= phase == ProgrammingPhase.Compare;
                Show(phase, 0);
                break;
            case ProgrammingEvent.Progressed { TotalBytes: > 0 } progress:
                Show(progress.Phase, (double)progress.Bytes / progress.TotalBytes);
                break;
            default:
                break;
        }
    }

    /// <summary>Says that all of it is done.</summary>
    public void Finish()
    {
        FinishErase();
        _download.Finish();
    }

    private void Show(ProgrammingPhase phase, double fraction)
    {
        switch (phase)
        {
            case ProgrammingPhase.Compare:
                _erase.Report(fraction / 2);
                break;
            case ProgrammingPhase.Erase:
                _erase.Report(_compares ? (1 + fraction) / 2 : fraction);
                break;
            case ProgrammingPhase.Write:
                FinishErase();
                _download.Report(_verifies ? fraction / 2 : fraction);
                break;
            case ProgrammingPhase.Verify:
                FinishErase();
                _download.Report((1 + fraction) / 2);
                break;
            default:
                break;
        }
    }

    private void FinishErase()
    {
        if (!_hasErased)
        {
            _hasErased = true;
            _erase.Finish();
        }
    }
}
