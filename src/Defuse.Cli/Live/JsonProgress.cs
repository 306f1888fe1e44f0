using System.Globalization;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Programming;

namespace Defuse.Cli.Live;

/// <summary>Progress as JSON lines, a few a second.</summary>
/// <param name="printer">Where they go.</param>
/// <param name="time">The clock.</param>
/// <param name="board">The board that they tell of, where there are several.</param>
internal sealed class JsonProgress(Printer printer, TimeProvider time, string? board = null) : IProgress<ProgrammingEvent>
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private long? _last;

    public void Report(ProgrammingEvent value)
    {
        switch (value)
        {
            case ProgrammingEvent.Planned planned:
                printer.Json(PlanLine.Of(planned.Plan), CliJsonContext.Lines.PlanLine);
                break;
            case ProgrammingEvent.PhaseStarted started:
                _last = time.GetTimestamp();
                printer.Json(new PhaseLine(Word(started.Phase), "started", started.TotalBytes, null, board), CliJsonContext.Lines.PhaseLine);
                break;
            case ProgrammingEvent.Progressed progressed when _last is not { } last || time.GetElapsedTime(last) >= Interval:
                _last = time.GetTimestamp();
                printer.Json(Line(progressed), CliJsonContext.Lines.ProgressLine);
                break;
            case ProgrammingEvent.PhaseFinished finished:
                printer.Json(
                    new PhaseLine(Word(finished.Phase), "finished", finished.Bytes, Seconds(finished.Elapsed), board), CliJsonContext.Lines.PhaseLine);
                break;
        }
    }

    private ProgressLine Line(ProgrammingEvent.Progressed x) => new(
        Word(x.Phase),
        Texts.Address(x.Address),
        x.Bytes,
        x.TotalBytes,
        Math.Round(x.BytesPerSecond),
        x.TimeLeft is { } left ? Seconds(left) : null,
        board);

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 3);

    private static string Word(ProgrammingPhase phase) => phase.ToString().ToLower(CultureInfo.InvariantCulture);
}
