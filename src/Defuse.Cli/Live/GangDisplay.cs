using System.Globalization;
using Defuse.Cli.Output;
using Defuse.Gangs;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Defuse.Cli.Live;

/// <summary>What a person watches of several boards: a row a port.</summary>
/// <remarks>Events come on many flows, and are drawn on another.</remarks>
/// <param name="title">What is done, in a few words.</param>
/// <param name="width">How many columns there are.</param>
/// <param name="height">How many lines there are.</param>
/// <param name="isWatching">Whether more boards may come.</param>
internal sealed class GangDisplay(string title, int width, int height, bool isWatching) : IProgress<GangEvent>
{
    // The title, the sum, the note and the line that the cursor is left on.
    private const int OtherLines = 4;
    private const int LongestBar = 20;
    private const int LongestPlace = 30;
    private const int LongestChip = 20;
    private const int LongestSerial = 14;

    // What is higher than the terminal cannot be redrawn.
    private readonly int _mostRows = Math.Max(1, height - OtherLines);
    private readonly Lock _lock = new();
    private readonly List<GangRow> _rows = [];
    private int _verified;
    private int _ended;
    private string? _note;

    /// <summary>Shows a sentence below all else.</summary>
    public void Note(string text)
    {
        lock (_lock)
        {
            _note = text;
        }
    }

    public void Report(GangEvent value)
    {
        lock (_lock)
        {
            var place = value.Board.Address.ToString();
            var number = _rows.FindIndex(x => string.Equals(x.Place, place, StringComparison.Ordinal));
            if (value is GangEvent.Began || number < 0)
            {
                var fresh = new GangRow(Plain.Of(place)) { SerialNumber = value.Board.SerialNumber is { } serial ? Plain.Of(serial) : null };
                number = number < 0 ? _rows.Count : number;
                Set(number, fresh);
            }

            Take(_rows[number], value);
        }
    }

    public IRenderable Draw()
    {
        lock (_lock)
        {
            var text = new Paragraph();
            text.Append(Fit(Plain.Of(title), width) + "\n");
            var shown = _rows.Count <= _mostRows ? _rows : [.. _rows.OrderBy(x => x.IsAtWork ? 0 : 1).Take(_mostRows)];
            var (place, chip, serial) = (Widest(shown, x => x.Place, LongestPlace), Widest(shown, x => x.Chip, LongestChip), Widest(shown, x => x.SerialNumber, LongestSerial));
            foreach (var row in shown)
            {
                DrawRow(text, row, place, chip, serial);
            }

            text.Append(Fit(Sum(_rows.Count - shown.Count), width));
            if (_note is { } note)
            {
                text.Append("\n" + Fit(note, width), new Style(Color.Yellow));
            }

            return text;
        }
    }

    public static string Meaning(GangEvent.LeftAgain _) => "left again before it could be opened; nothing was done";

    public static string Meaning(GangEvent.CameBack back) =>
        $"left alone: back after {Texts.Time(back.Away)}, so the same board again; unplug it for {Texts.Time(GangOptions.DefaultAway)} to have it flashed";

    private static int Widest(IEnumerable<GangRow> rows, Func<GangRow, string?> text, int most) =>
        Math.Min(rows.Select(x => text(x)?.Length ?? 0).DefaultIfEmpty(0).Max(), most);

    private static string Fit(string text, int width) => text.Length <= width ? text : width < 2 ? text[..width] : text[..(width - 1)] + "…";

    private void Set(int number, GangRow row)
    {
        if (number == _rows.Count)
        {
            _rows.Add(row);
        }
        else
        {
            _rows[number] = row;
        }
    }

    private void Take(GangRow row, GangEvent value)
    {
        switch (value)
        {
            case GangEvent.Opened opened:
                row.Chip = Plain.Of(opened.Target.Candidates.IsEmpty ? opened.Target.Name : opened.Target.ChipName);
                row.SerialNumber = Plain.Of(opened.Target.SerialNumber ?? row.SerialNumber ?? "");
                break;
            case GangEvent.Progressed progressed:
                row.Take(progressed.Event);
                break;
            case GangEvent.Ended ended:
                row.Record = ended.Record;
                _ended++;
                _verified += BoardOutcome.Of(ended.Record).ExitCode == ExitCode.Done ? 1 : 0;
                break;
            case GangEvent.LeftAgain left:
                row.Note = Meaning(left);
                break;
            case GangEvent.CameBack back:
                row.Note = Meaning(back);
                break;
        }
    }

    private void DrawRow(Paragraph text, GangRow row, int place, int chip, int serial)
    {
        var names = width >= 70
            ? $"  {Cell(row.Place, place)}  {Cell(row.Chip, chip)}  {Cell(row.SerialNumber, serial)}  "
            : $"  {Cell(row.Place, place)}  ";
        names = Fit(names, width);
        text.Append(names);
        var left = width - names.Length;
        if (row.Phase is { } phase && row.IsAtWork)
        {
            var figures = string.Create(CultureInfo.InvariantCulture, $" {(int)(phase.Fraction * 100),3} %");
            var name = Fit($"{phase.Phase,-8}", left);
            var length = Math.Clamp(left - name.Length - figures.Length, 0, LongestBar);
            var full = (int)(length * phase.Fraction);
            text.Append(name);
            text.Append(new string('━', full), new Style(Color.Aqua));
            text.Append(new string('─', length - full), new Style(Color.Grey));
            text.Append(Fit(figures, Math.Max(0, left - name.Length - length)));
        }
        else
        {
            var (what, color) = State(row);
            text.Append(Fit(what, left), new Style(color));
        }

        text.Append("\n");
    }

    private static (string Text, Color Color) State(GangRow row)
    {
        if (row.Note is { } note)
        {
            return (note, Color.Yellow);
        }

        if (row.Record is not { } record)
        {
            return ("opening", Color.Grey);
        }

        var outcome = BoardOutcome.Of(record);
        var time = record.Report is { } report ? $" in {Texts.Time(report.Elapsed)}" : "";
        return outcome.ExitCode switch
        {
            ExitCode.Done => ($"verified{time}", Color.Green),
            ExitCode.Unverified => ($"written, not read back{time}", Color.Yellow),
            ExitCode.Cancelled => ("cancelled", Color.Yellow),
            _ => ($"{outcome.Outcome}: {Plain.Of(outcome.Failure?.Reason ?? "")}", Color.Red),
        };
    }

    private static string Cell(string? text, int length) => Fit(text ?? "", length).PadRight(length);

    private string Sum(int hidden)
    {
        var atWork = _rows.Count(x => x.IsAtWork);
        var more = hidden > 0 ? $"and {Texts.Count(hidden, "more port")}; " : "";
        var failed = _ended == _verified ? "" : string.Create(CultureInfo.InvariantCulture, $", {_ended - _verified:N0} not");
        var waiting = isWatching && atWork == 0 ? "; waiting for boards, Ctrl-C ends" : "";
        return string.Create(CultureInfo.InvariantCulture, $"  {more}{atWork:N0} at work, {_verified:N0} verified{failed}{waiting}");
    }
}
