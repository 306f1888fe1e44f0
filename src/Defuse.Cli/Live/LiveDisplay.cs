using System.Collections.Immutable;
using System.Globalization;
using Defuse.Cli.Output;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Defuse.Cli.Live;

/// <summary>What a person watches: a bar a phase, and a map of the sectors.</summary>
/// <remarks>Events come on one flow, and are drawn on another.</remarks>
internal sealed class LiveDisplay(string title, int width) : IProgress<ProgrammingEvent>
{
    private const int Indent = 2;
    private const int LongestBar = 30;
    private const int BesideBar = 50;
    private const int LongestMapRow = 64;

    private static readonly ImmutableArray<(RangeState State, char Glyph, Color Color)> Legend =
    [
        (RangeState.Verified, '█', Color.Green),
        (RangeState.Written, '▓', Color.Aqua),
        (RangeState.Blank, '░', Color.Blue),
        (RangeState.Indeterminate, '?', Color.Yellow),
        (RangeState.Different, 'X', Color.Red),
        (RangeState.Untouched, '·', Color.Grey),
    ];

    private readonly Lock _lock = new();
    private readonly StateMap _states = new();
    private readonly List<PhaseRow> _rows = [];
    private ImmutableArray<AddressRange> _cells = [];
    private FirmwareImage _image = FirmwareImage.Empty;
    private ImmutableArray<string> _warnings = [];
    private string? _note;

    private int MapWidth => Math.Clamp(width - (2 * Indent), 1, LongestMapRow);

    public void Report(ProgrammingEvent value)
    {
        lock (_lock)
        {
            Take(value);
        }
    }

    /// <summary>Shows a sentence below all else.</summary>
    public void Note(string text)
    {
        lock (_lock)
        {
            _note = text;
        }
    }

    /// <summary>The warnings that it shows.</summary>
    public ImmutableArray<string> Warnings
    {
        get
        {
            lock (_lock)
            {
                return _warnings;
            }
        }
    }

    public IRenderable Draw()
    {
        lock (_lock)
        {
            var text = new Paragraph();
            text.Append(Plain.Of(title) + "\n");
            foreach (var warning in _warnings)
            {
                text.Append("  warning:", new Style(Color.Yellow));
                text.Append($" {Plain.Of(warning)}\n");
            }

            foreach (var row in _rows)
            {
                DrawRow(text, row);
            }

            DrawMap(text);
            if (_note is { } note)
            {
                text.Append($"\n  {note}", new Style(Color.Yellow));
            }

            return text;
        }
    }

    private void Take(ProgrammingEvent value)
    {
        switch (value)
        {
            case ProgrammingEvent.Planned planned:
                Plan(planned.Plan);
                break;
            case ProgrammingEvent.PhaseStarted started:
                var begun = Row(started.Phase);
                begun.IsBegun = true;
                begun.TotalBytes = started.TotalBytes;
                break;
            case ProgrammingEvent.Progressed progressed:
                var row = Row(progressed.Phase);
                row.Bytes = progressed.Bytes;
                row.BytesPerSecond = progressed.BytesPerSecond;
                row.TimeLeft = progressed.TimeLeft;
                break;
            case ProgrammingEvent.StateChanged changed:
                _states.Set(changed.Range, changed.State);
                break;
            case ProgrammingEvent.PhaseFinished finished:
                var done = Row(finished.Phase);
                done.IsFinished = true;
                done.Bytes = finished.Bytes;
                done.Elapsed = finished.Elapsed;
                break;
        }
    }

    private void Plan(FlashPlan plan)
    {
        _image = plan.Image;
        _warnings = EarlyWarnings.Of(plan);
        if (_rows.Count == 0)
        {
            _rows.AddRange(Phases(plan).Select(x => new PhaseRow(x)));
        }
        else if (plan.Sectors.All(x => x.Decision == SectorDecision.Keep))
        {
            // The comparison found the image there, which proves it as well.
            foreach (var row in _rows.Where(x => x.Phase is ProgrammingPhase.Erase or ProgrammingPhase.Write or ProgrammingPhase.Verify))
            {
                row.IsNeedless = true;
            }
        }

        if (plan.Target.Memory.Flash is { } flash)
        {
            _cells = SectorCells.Of(flash, MapWidth);
        }
    }

    private static IEnumerable<ProgrammingPhase> Phases(FlashPlan plan)
    {
        if (!plan.SurveyReads.IsEmpty)
        {
            yield return ProgrammingPhase.Compare;
        }

        if (plan.EraseChip || !plan.Erases.IsEmpty)
        {
            yield return plan.Unprotect ? ProgrammingPhase.Unprotect : ProgrammingPhase.Erase;
        }

        if (!plan.Writes.IsEmpty)
        {
            yield return ProgrammingPhase.Write;
        }

        if (!plan.VerifyReads.IsEmpty)
        {
            yield return ProgrammingPhase.Verify;
        }

        if (plan.Start is not null)
        {
            yield return ProgrammingPhase.Start;
        }
    }

    private PhaseRow Row(ProgrammingPhase phase)
    {
        var row = _rows.Find(x => x.Phase == phase);
        if (row is null)
        {
            row = new PhaseRow(phase);
            _rows.Add(row);
        }

        return row;
    }

    private void DrawRow(Paragraph text, PhaseRow row)
    {
        var length = Math.Clamp(width - BesideBar, 0, LongestBar);
        var full = (int)(length * row.Fraction);
        text.Append(string.Create(CultureInfo.InvariantCulture, $"  {row.Phase,-8}"), row.IsBegun ? Style.Plain : new Style(Color.Grey));
        text.Append(new string('━', full), new Style(row.IsFinished ? Color.Green : Color.Aqua));
        text.Append(new string('─', length - full), new Style(Color.Grey));
        text.Append(string.Create(CultureInfo.InvariantCulture, $" {Figures(row)}\n"));
    }

    private static string Figures(PhaseRow row)
    {
        var percent = string.Create(CultureInfo.InvariantCulture, $"{(int)(row.Fraction * 100),3} %");
        if (!row.IsBegun)
        {
            return row.IsNeedless ? "       not needed" : "";
        }

        if (row.IsFinished)
        {
            var rate = row.TotalBytes > 0 && row.Elapsed > TimeSpan.Zero ? $"  {Texts.Rate(row.Bytes / row.Elapsed.TotalSeconds)}" : "";
            return row.TotalBytes == 0 ? $"{percent}  done" : $"{percent}  {Texts.Bytes(row.Bytes)}{rate}  {Texts.Time(row.Elapsed)}";
        }

        return row.TimeLeft is { } left && row.Bytes > 0
            ? $"{percent}  {Texts.Rate(row.BytesPerSecond)}  {Texts.Time(left)} left"
            : percent;
    }

    private void DrawMap(Paragraph text)
    {
        if (_cells.IsEmpty)
        {
            return;
        }

        var states = _cells.Select(x => _states.Summarize(x, _image)).ToList();
        foreach (var row in states.Chunk(MapWidth))
        {
            text.Append("\n  ");
            foreach (var state in row)
            {
                var (_, glyph, color) = Legend.First(x => x.State == state);
                text.Append(glyph.ToString(), new Style(color));
            }
        }

        text.Append("\n  ");
        foreach (var (state, glyph, color) in Legend.Where(x => states.Contains(x.State)))
        {
            text.Append(glyph.ToString(), new Style(color));
            text.Append($" {Label(state)}   ");
        }
    }

    private static string Label(RangeState state) => state switch
    {
        RangeState.Indeterminate => "in work",
        RangeState.Different => "differs",
        RangeState.Written => "written",
        _ => Texts.Meaning(state),
    };
}
