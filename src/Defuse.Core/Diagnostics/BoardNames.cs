using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics;

/// <summary>Which board something is, and what to call it, by what its strings and drives say.</summary>
internal static class BoardNames
{
    private const int Digits = 4;

    // What programs put around a board's name in their product string.
    private static readonly ImmutableArray<string> Endings = [" CDC in FS Mode", " CDC in HS Mode", "-BL", " DFU"];

    /// <summary>What a probe's drives say, with the evidence; null if they name no board.</summary>
    public static (BoardProfile Profile, string Evidence)? OfVolumes(IEnumerable<SeenVolume> volumes, BoardDatabase boards)
    {
        var all = volumes.ToList();
        foreach (var volume in all)
        {
            if (volume.MbedId is { Length: >= Digits } id && boards.FindMbedId(id) is { } board)
            {
                return (board, $"{Drive(volume)} has the board id {id[..Digits]}, that of {board.Name}");
            }
        }

        foreach (var volume in all.Where(x => x.MbedId is null))
        {
            if (volume.Label is { } label && OfLabel(label, boards) is { } board)
            {
                return (board, $"{Drive(volume)} is called {label}, as that of {board.Name} is");
            }
        }

        return null;
    }

    /// <summary>The board that a product string names; null if it names none that is known.</summary>
    public static BoardProfile? OfProduct(string? product, BoardDatabase boards) =>
        Bare(product) is { Length: > 0 } name ? boards.FindName(name) : null;

    /// <summary>What to call the board that runs a program, by its product string; null if that does not name one.</summary>
    public static string? OfProgram(BoardProgram program, SeenUsbDevice device) => (program.Kind, Bare(device.Product)) switch
    {
        (_, null or "") => null,

        // Betaflight's and ArduPilot's products are the names of targets, unless they are those of chips or of ST's example.
        (ProgramKind.Betaflight or ProgramKind.ArduPilot, { } name)
            when !name.Contains("STM32", StringComparison.OrdinalIgnoreCase) && !name.Contains("ComPort", StringComparison.OrdinalIgnoreCase) => name,
        (ProgramKind.Arduino, { } name) when !name.StartsWith("GENERIC", StringComparison.OrdinalIgnoreCase) && name.Length < device.Product!.Length => name,
        (ProgramKind.CircuitPython, { } name) => name,
        (ProgramKind.DfuRunTime, _) => Line(device.Product),
        (ProgramKind.Serial, { } name) when device.VendorId != 0x0483 => name,
        _ => null,
    };

    /// <summary>What a text from a device says, in one line.</summary>
    public static string? Line(string? text) =>
        text is null ? null : string.Join(' ', new string([.. text.Select(x => char.IsControl(x) ? ' ' : x)]).Split(' ', StringSplitOptions.RemoveEmptyEntries));

    private static string? Bare(string? product)
    {
        var name = Line(product);
        foreach (var ending in Endings)
        {
            if (name is not null && name.EndsWith(ending, StringComparison.OrdinalIgnoreCase))
            {
                return name[..^ending.Length].Trim();
            }
        }

        return name;
    }

    private static string Drive(SeenVolume volume) => volume.Path is { } path ? $"the drive {path}" : "its drive";

    // A drive's name has eleven letters: NODE_F767ZI and NOD_H743ZI2 are Nucleos', DIS_F469NI is that of a kit with this part.
    private static BoardProfile? OfLabel(string label, BoardDatabase boards)
    {
        var parts = label.Split('_', 2);
        return parts switch
        {
            ["NODE" or "NOD", { Length: > 3 } rest] => boards.FindName("NUCLEO-" + rest),
            ["DIS", { Length: > 3 } rest] when boards.Boards.Where(x => x.Probe is not null
                && x.Part.EndsWith(rest, StringComparison.OrdinalIgnoreCase)
                && !x.Name.StartsWith("NUCLEO", StringComparison.OrdinalIgnoreCase)).ToList() is [var only] => only,
            _ => null,
        };
    }
}
