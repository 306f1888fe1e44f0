using System.Collections.Immutable;
using System.Globalization;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Cli.Output;

/// <summary>A chip, for people.</summary>
internal static class ChipText
{
    private const int MostParts = 60;

    // The ids of chips are shared by parts with USB and without.
    private static readonly ImmutableArray<string> Exceptions = ["parts with USB", "have no USB", "has no USB", "the others", "has none", "categories"];

    public static string[] Row(ChipMatch match)
    {
        var chip = match.Chip;
        return
        [
            match.Part?.Name ?? chip.Name,
            Id(chip),
            chip.Cpu,
            match.FlashBytes is { } flash ? Texts.Size(flash) : Sizes(chip.FlashSizes),
            Sizes(match.Part is { } part ? [part.RamBytes] : [.. chip.Parts.Select(x => x.RamBytes).Distinct().OrderDescending()]),
            UsbDfu(chip),
        ];
    }

    public static IEnumerable<string> Of(ChipMatch match, IReadOnlyCollection<BoardProfile> boards)
    {
        var (chip, part, _) = match;
        var layouts = part is null ? chip.Layouts : chip.LayoutsFor(part);
        yield return part is null ? chip.Name : $"{part.Name}, one of {chip.Name}";
        yield return Fields.Line("Chip", $"{Id(chip)}, {chip.Family}, {chip.Cpu}");
        yield return Fields.Line("Flash", part is null ? Sizes(chip.FlashSizes) : Texts.Size(part.FlashBytes));
        foreach (var layout in layouts)
        {
            yield return Fields.Line("", $"{layout.Name}: {Sectors(layout.Runs)}");
        }

        foreach (var line in Programming(chip))
        {
            yield return line;
        }

        foreach (var line in Places(chip))
        {
            yield return line;
        }

        foreach (var line in Fields.Wrap("USB DFU", $"{UsbDfu(chip)}: {chip.UsbDfu.Evidence}"))
        {
            yield return line;
        }

        if (part is null)
        {
            var names = chip.Parts.Take(MostParts).Select(x => x.Name["STM32".Length..]);
            var more = chip.Parts.Length > MostParts ? $" and {chip.Parts.Length - MostParts} more" : "";
            foreach (var line in Fields.Wrap("Parts", "STM32 " + string.Join(' ', names) + more))
            {
                yield return line;
            }
        }

        foreach (var line in boards.Count == 0 ? [] : Fields.Wrap("Boards", string.Join(", ", boards.Select(x => x.Name))))
        {
            yield return line;
        }

        yield return "";
        foreach (var line in MemoryDrawing.Draw(Boxes(chip, part, layouts[0])))
        {
            yield return line.Length == 0 ? line : "  " + line;
        }

        foreach (var line in Sources(chip))
        {
            yield return line;
        }
    }

    /// <summary>A chip's memories, to draw.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="part">The part; the one with most RAM if null.</param>
    /// <param name="layout">How flash is cut into sectors.</param>
    public static IEnumerable<MemoryBox> Boxes(ChipProfile chip, ChipPart? part, FlashLayout layout)
    {
        foreach (var (bank, runs) in Banks(layout))
        {
            var range = AddressRange.FromBounds(runs[0].Range.Start, runs[^1].Range.End);
            yield return new MemoryBox(range, [$"flash{bank}, {Texts.Size(range.Length)}", .. runs.AsEnumerable().Reverse().Select(Run)]);
        }

        foreach (var ram in part?.Ram ?? chip.RamRegions)
        {
            yield return new MemoryBox(ram.Range, [$"RAM, {ram.Name}, {Texts.Size(ram.Range.Length)}{(ram.IsAlias ? " (seen twice)" : "")}"]);
        }

        if (chip.SystemMemory is { } rom)
        {
            yield return new MemoryBox(rom, [$"bootloader ROM, {Texts.Size(rom.Length)}"]);
        }

        if (chip.Otp is { } otp)
        {
            yield return new MemoryBox(otp, [$"OTP, {Texts.Size(otp.Length)}"]);
        }

        if (chip.OptionBytes is { } options)
        {
            yield return new MemoryBox(options, [$"option bytes, {Texts.Size(options.Length)}"]);
        }

        if (chip.DataEeprom is { } eeprom)
        {
            yield return new MemoryBox(eeprom, [$"data EEPROM, {Texts.Size(eeprom.Length)}"]);
        }
    }

    public static string Sectors(ImmutableArray<SectorRun> runs) => string.Join(", ", runs.Select(Run));

    public static string UsbDfu(ChipProfile chip) => chip.UsbDfu.Presence switch
    {
        UsbDfuPresence.Yes when Exceptions.Any(x => chip.UsbDfu.Evidence.Contains(x, StringComparison.Ordinal)) => "some parts",
        UsbDfuPresence.Yes => "yes",
        UsbDfuPresence.No => "no",
        _ => "not known",
    };

    public static string Id(ChipProfile chip) => string.Create(CultureInfo.InvariantCulture, $"0x{chip.Id:X3}");

    private static IEnumerable<string> Programming(ChipProfile chip)
    {
        yield return Fields.Line("Programming", $"what is written is padded to {Texts.Bytes(chip.WriteUnit)}; an erased byte reads 0x{chip.ErasedByte:X2}");
        if (chip.BankMode is { } mode)
        {
            yield return Fields.Line("", $"{mode.Name} chooses: {(mode.SingleBankWhenSet ? 1 : 0)} is one bank, {(mode.SingleBankWhenSet ? 0 : 1)} is two");
        }
    }

    private static IEnumerable<string> Places(ChipProfile chip)
    {
        (string Name, string? Place)[] places =
        [
            ("Option bytes", chip.OptionBytes is { } options ? $"{options} as its ROM shows them" : null),
            ("", chip.OptionRegister is { } register ? $"{Texts.Address(register)} by a debugger" : null),
            ("Unique id", chip.UniqueId is { } id ? Texts.Address(id) : null),
            ("Flash size", chip.FlashSizeRegister is { } size ? Texts.Address(size) : null),
            ("Chip id", chip.IdCodeRegister is { } code ? Texts.Address(code) : null),
        ];
        foreach (var (name, place) in places)
        {
            if (place is not null)
            {
                yield return Fields.Line(name, name.Length > 0 && name != "Option bytes" ? $"read at {place}" : place);
            }
        }
    }

    private static IEnumerable<string> Sources(ChipProfile chip)
    {
        yield return "";
        yield return "  Where the figures are from";
        foreach (var line in Texts.Align([.. chip.Sources.Select(x => new[] { x.Figure, x.Source })], "    "))
        {
            yield return line;
        }

        if (!chip.Disagreements.IsEmpty)
        {
            yield return "  Where sources disagree";
        }

        foreach (var disagreement in chip.Disagreements)
        {
            yield return $"    {disagreement.Figure}: {disagreement.Taken} is taken, not {disagreement.Others}: {disagreement.Reason}";
        }
    }

    private static IEnumerable<(string Name, SectorRun[] Runs)> Banks(FlashLayout layout)
    {
        if (layout.SecondBank is not { } second)
        {
            return [("", [.. layout.Runs])];
        }

        return
        [
            (" bank 1", [.. layout.Runs.Select(x => Part(x, 0, second)).OfType<SectorRun>()]),
            (" bank 2", [.. layout.Runs.Select(x => Part(x, second, AddressRange.AddressSpaceEnd)).OfType<SectorRun>()]),
        ];
    }

    // Neighbours of one size are one run, also across the border of the banks.
    private static SectorRun? Part(SectorRun run, long start, long end) =>
        run.Range.Intersect(AddressRange.FromBounds(start, end)) is { } part ? new SectorRun(part.Start, (int)(part.Length / run.SectorSize), run.SectorSize, run.Access) : null;

    private static string Run(SectorRun run) => $"{run.Count} x {Texts.Size(run.SectorSize)}";

    private static string Sizes(IReadOnlyCollection<long> sizes) =>
        sizes.Count <= 4 ? string.Join(", ", sizes.Select(Texts.Size)) : $"{Texts.Size(sizes.Min())} to {Texts.Size(sizes.Max())}";
}
