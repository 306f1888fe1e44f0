using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Devices;

/// <summary>How a person starts a board's bootloader, step by step, in words.</summary>
internal static class DfuStepText
{
    public static ImmutableArray<string> Steps(BoardProfile board, DfuByHand way)
    {
        var steps = new List<string>();
        if (way.Condition is { } condition)
        {
            steps.Add(condition);
        }

        if (way.Selection != BootSelection.Button)
        {
            steps.Add(Select(way));
        }

        if (way.Boot1 is { } boot1)
        {
            steps.Add($"Join {boot1} (BOOT1) and GND too");
        }

        // A button is held while the board is plugged in, so that this is one step with the next.
        if (way is not { Selection: BootSelection.Button, Restart: BootRestart.PlugIn })
        {
            steps.Add(Connect(board, way));
        }

        steps.Add(Restart(way));
        return [.. steps];
    }

    /// <summary>The socket that the bootloader is reached through, as a person would look for it.</summary>
    public static string Socket(BoardProfile board) =>
        board.UserSocket is { } name ? $"the USB socket {name}" : board.Probe is null ? "its USB socket" : "the chip's own USB socket";

    /// <summary>"CN11 pins 7 (BOOT0) and 5 (VDD)", or the two by their names.</summary>
    public static string Pins(DfuByHand way)
    {
        var high = way.High ?? "VDD";
        return Pin(way.Boot0) is { } first && Pin(high) is { } second && first.Header == second.Header
            ? $"{first.Header} pins {first.Number} (BOOT0) and {second.Number} (VDD)"
            : $"{way.Boot0} and {high}";
    }

    /// <summary>The header and the number of a pin such as CN11-7; null if it is no such name.</summary>
    public static (string Header, int Number)? Pin(string name) =>
        name.Split('-') is [{ Length: > 0 } header, var number] && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            ? (header, value)
            : null;

    private static string Select(DfuByHand way) => way.Selection switch
    {
        BootSelection.Wire => $"Join {Pins(way)} with a wire or a jumper",
        BootSelection.Pads => $"Join the pads {Pins(way)}",
        BootSelection.Tie => $"Join {way.Boot0} and {way.High ?? "3.3 V"} with a wire",
        BootSelection.Jumper => $"Move the jumper {way.Boot0} to the side that makes BOOT0 high (1 or VDD)",
        _ => $"Move the switch {way.Boot0} to the side that makes BOOT0 high (1)",
    };

    private static string Connect(BoardProfile board, DfuByHand way)
    {
        if (board.UsbWires is { } wires)
        {
            return $"The chip has no USB socket here: take a USB cable apart and join its green wire (D+) to {wires.DataPlus}, its white wire (D-) to {wires.DataMinus} and its black wire (GND) to GND";
        }

        var keep = way.NeedsProbe ? ", and leave the ST-LINK's socket connected too, for power"
            : board.Probe is not null ? "; the debug probe's socket may stay connected, and has to where the board takes its power from it"
            : "";
        return $"Connect {Socket(board)} to the computer{keep}";
    }

    private static string Restart(DfuByHand way)
    {
        var hold = way.Selection == BootSelection.Button;
        var reset = way.ResetButton is { } name ? $"press and release {name}" : hold ? "press and release the reset button" : "press the reset button";
        return way.Restart switch
        {
            BootRestart.PowerCycle => "Take all power away and give it back (unplug every USB cable, then plug them in again): a reset alone may not do",
            BootRestart.PlugIn when hold => $"Hold {way.Boot0} while you plug it in",
            BootRestart.PlugIn => "Unplug it and plug it in again",
            _ when hold => $"Hold {way.Boot0}, {reset}, let {way.Boot0} go",
            _ => char.ToUpperInvariant(reset[0]) + reset[1..],
        };
    }
}
