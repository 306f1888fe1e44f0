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
    private List<PhaseRow> _rows = [];
    private ImmutableArray<AddressRange> _cells = [];
    private FirmwareImage _image = FirmwareImage.Empty;
    private bool _hasEnded;

    public void Report(ProgrammingEvent value)
    {
        lock (_lock)
        {
            Take(value);
        }
    }

    /// <summary>From here on, phases that never began are left out.</summary>
    public void End()
    {
        lock (_lock)
        {
            _hasEnded = true;
        }
    }

    public IRenderable Draw()
    {
        lock (_lock)
        {
            var text = new Paragraph();
            text.Append(Plain.Of(title) + "\n", new Style(decoration: Decoration.Bold));
            foreach (var row in _rows.Where(x => x.IsBegun || !_hasEnded))
            {
                DrawRow(text, row);
            }

            DrawMap(text);
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
        var phases = new List<ProgrammingPhase>();
        AddIf(!plan.SurveyReads.IsEmpty, ProgrammingPhase.Compare);
        AddIf(plan.EraseChip || !plan.Erases.IsEmpty, ProgrammingPhase.Erase);
        AddIf(!plan.Writes.IsEmpty, ProgrammingPhase.Write);
        AddIf(!plan.VerifyReads.IsEmpty, ProgrammingPhase.Verify);
        AddIf(plan.Start is not null, ProgrammingPhase.Start);
        var rows = _rows.Where(x => x.IsBegun).ToList();
        rows.AddRange(phases.Where(x => rows.TrueForAll(y => y.Phase != x)).Select(x => new PhaseRow(x)));
        _rows = rows;
        if (plan.Target.Memory.Flash is { } flash)
        {
            _cells = SectorCells.Of(flash, Math.Clamp(width - (2 * Indent), 1, LongestMapRow));
        }

        void AddIf(bool condition, ProgrammingPhase phase)
        {
            if (condition)
            {
                phases.Add(phase);
            }
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
            return "";
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
        foreach (var row in states.Chunk(LongestMapRow))
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
