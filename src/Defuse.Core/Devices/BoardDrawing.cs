using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Devices;

/// <summary>A small drawing of what to change on a board to start its bootloader: its sockets, and its pins, jumper, switch or buttons.</summary>
/// <remarks>Made of what is known of the board, not to scale: it tells what is joined with what, and not where on the board it is.</remarks>
public static class BoardDrawing
{
    private const string Rule = "────────";

    /// <summary>The lines, 60 columns wide and 13 high at most; none if it is not known how the board's bootloader is started.</summary>
    public static ImmutableArray<string> Draw(BoardProfile board)
    {
        ArgumentNullException.ThrowIfNull(board);
        return board.DfuByHand is { } way ? [.. Sockets(board, way), "", .. Controls(way), .. Restart(way)] : [];
    }

    private static IEnumerable<string> Sockets(BoardProfile board, DfuByHand way)
    {
        if (board.UsbWires is { } wires)
        {
            return
            [
                $"a USB cable   white (D-) ── {wires.DataMinus}",
                $"of your own   green (D+) ── {wires.DataPlus}",
                "              black      ── GND",
            ];
        }

        var user = board.UserSocket ?? "USB";
        const string Connect = "connect this one to the computer";
        if (board.Probe is null)
        {
            return Boxes([(user, Connect)]);
        }

        return Boxes(
        [
            (board.Probe.StartsWith("ST", StringComparison.Ordinal) ? "ST-LINK" : "probe", way.NeedsProbe ? "leave this one connected too" : "may stay connected"),
            (board.UserSocket ?? "chip's own", Connect),
        ]);
    }

    private static IEnumerable<string> Boxes((string Name, string Text)[] boxes)
    {
        var width = boxes.Max(x => x.Name.Length);
        for (var i = 0; i < boxes.Length; i++)
        {
            yield return i == 0 ? $"USB  ┌{new string('─', width + 2)}┐" : $"     ├{new string('─', width + 2)}┤";
            yield return $"     │ {boxes[i].Name.PadRight(width)} │  {boxes[i].Text}";
        }

        yield return $"     └{new string('─', width + 2)}┘";
    }

    private static IEnumerable<string> Controls(DfuByHand way)
    {
        switch (way.Selection)
        {
            case BootSelection.Wire when Column(way) is { } column:
                return column;
            case BootSelection.Jumper:
                return [$"jumper {Short(way.Boot0)}   0 o [o═o] 1   to where BOOT0 is high"];
            case BootSelection.Switch:
                return [$"switch {Short(way.Boot0)}   0 [  ■] 1   to where BOOT0 is high"];
            case BootSelection.Button:
                return Buttons(way);
            default:
                return Ties(way);
        }
    }

    // Two pins of one row of a header with two: the numbers go up by two.
    private static string[]? Column(DfuByHand way)
    {
        if (DfuStepText.Pin(way.Boot0) is not { } low || DfuStepText.Pin(way.High ?? "") is not { } high || low.Header != high.Header || Math.Abs(low.Number - high.Number) != 2)
        {
            return null;
        }

        var (first, last) = (Math.Min(low.Number, high.Number), Math.Max(low.Number, high.Number));
        string Pin(int number, string rest) => string.Create(CultureInfo.InvariantCulture, $"{(number == first ? $"{low.Header} pin" : ""),8} {number,2} {rest}");
        string Of(int number) => number == low.Number ? "BOOT0" : "VDD";
        return
        [
            .. first > 2 ? new[] { Pin(first - 2, "o") } : [],
            Pin(first, $"O─┐  {Of(first)}"),
            $"{"",14}│  join these two with a wire or a jumper",
            Pin(last, $"O─┘  {Of(last)}"),
            Pin(last + 2, "o"),
        ];
    }

    private static IEnumerable<string> Ties(DfuByHand way)
    {
        var low = Short(way.Boot0);
        var width = Math.Max(low.Length, way.Boot1 is null ? 0 : way.Boot1.Length + 8);
        yield return $"{low.PadRight(width)} o{Rule}o {way.High,-5}  join these two";
        if (way.Boot1 is { } boot1)
        {
            yield return $"{(boot1 + " (BOOT1)").PadRight(width)} o{Rule}o GND    and these two";
        }
    }

    private static IEnumerable<string> Buttons(DfuByHand way)
    {
        var hold = Short(way.Boot0);
        if (way.Restart == BootRestart.PlugIn)
        {
            return [$"┌{new string('─', hold.Length + 2)}┐", $"│ {hold} │  hold it while you plug the cable in", $"└{new string('─', hold.Length + 2)}┘"];
        }

        var reset = way.ResetButton ?? "reset";
        var (left, right) = (new string('─', hold.Length + 2), new string('─', reset.Length + 2));
        return
        [
            $"┌{left}┐   ┌{right}┐",
            $"│ {hold} │   │ {reset} │",
            $"└{left}┘   └{right}┘",
            $"1 hold {hold}   2 press and release {reset}   3 let {hold} go",
        ];
    }

    private static IEnumerable<string> Restart(DfuByHand way) => way switch
    {
        { Selection: BootSelection.Button } => [],
        { Restart: BootRestart.PowerCycle } => ["", "then unplug every cable, and plug them in again"],
        { Restart: BootRestart.PlugIn } => ["", "then unplug it, and plug it in again"],
        { ResetButton: { } name } => ["", $"then press {name}"],
        _ => ["", "then press the reset button"],
    };

    // What stands in parentheses says where to look, which a drawing has no room for.
    private static string Short(string name) =>
        (name.IndexOf(" (", StringComparison.Ordinal) is > 0 and var at && name.Contains(' ', StringComparison.Ordinal) && name.Length > 12 ? name[..at] : name)
        .Replace("the ", "", StringComparison.Ordinal);
}
