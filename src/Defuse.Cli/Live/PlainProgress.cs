using Defuse.Cli.Output;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli.Live;

/// <summary>Progress as lines: one when a phase begins, one when it ends.</summary>
internal sealed class PlainProgress(Printer printer) : IProgress<ProgrammingEvent>
{
    private FlashPlan? _plan;

    public void Report(ProgrammingEvent value)
    {
        switch (value)
        {
            case ProgrammingEvent.Planned planned:
                Plan(planned.Plan);
                break;
            case ProgrammingEvent.PhaseStarted started:
                printer.Talk(Begin(started));
                break;
            case ProgrammingEvent.PhaseFinished { Phase: not ProgrammingPhase.Start } finished:
                var rate = finished.Elapsed > TimeSpan.Zero && finished.Phase != ProgrammingPhase.Unprotect ? $", {Texts.Rate(finished.Bytes / finished.Elapsed.TotalSeconds)}" : "";
                printer.Talk($"  done in {Texts.Time(finished.Elapsed)}{rate}");
                break;
        }
    }

    private void Plan(FlashPlan plan)
    {
        if (_plan is { SurveyReads.IsEmpty: false } && plan.Sectors.Any(x => x.Decision != SectorDecision.Compare))
        {
            var differing = plan.Sectors.Count(x => x.Decision == SectorDecision.Rewrite);
            printer.Talk(differing == 0 ? "  no sector differs" : $"  {differing} of {Texts.Count(plan.Sectors.Length, "sector")} {(differing == 1 ? "differs" : "differ")}");
        }

        _plan = plan;
        foreach (var warning in EarlyWarnings.Of(plan))
        {
            printer.Warning(warning);
        }

        foreach (var line in FlashPlanText.Render(plan).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            printer.Detail("  " + line);
        }
    }

    private string Begin(ProgrammingEvent.PhaseStarted started) => started.Phase switch
    {
        ProgrammingPhase.Compare => $"Comparing {Texts.Bytes(started.TotalBytes)} with what the chip holds",
        ProgrammingPhase.Erase when _plan is { EraseChip: true } => $"Erasing the whole main flash ({Texts.Size(started.TotalBytes)})",
        ProgrammingPhase.Erase => $"Erasing {Texts.Count(_plan?.Erases.Length ?? 0, "sector")} ({Texts.Size(started.TotalBytes)})",
        ProgrammingPhase.Unprotect => "Removing the read-out protection: the chip erases its flash and comes back",
        ProgrammingPhase.Write => $"Writing {Texts.Bytes(started.TotalBytes)}",
        ProgrammingPhase.Verify when _plan is { VerifyBlank: true } => $"Reading back {Texts.Bytes(started.TotalBytes)}, to see that they are blank",
        ProgrammingPhase.Verify => $"Reading back {Texts.Bytes(started.TotalBytes)}, to compare",
        ProgrammingPhase.Start => "Starting the program",
        _ => $"Reading {Texts.Bytes(started.TotalBytes)}",
    };
}
