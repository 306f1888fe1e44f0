using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Devices;

/// <summary>Finds chips by what somebody types.</summary>
internal static class ChipSearch
{
    public static ImmutableArray<ChipMatch> Find(ImmutableArray<ChipProfile> chips, string text)
    {
        var part = PartNumber.Normalize(text);
        if (part.Length == 0)
        {
            return [.. chips.Select(x => new ChipMatch(x, null, null))];
        }

        if (ById(chips, part) is { } chip)
        {
            return [new ChipMatch(chip, null, null)];
        }

        if (ByOrderCode(chips, part) is { } match)
        {
            return [match];
        }

        var byPart = ByBeginning(chips, part.TrimEnd('X'));
        return byPart.IsEmpty ? ByWords(chips, text) : byPart;
    }

    private static ChipProfile? ById(ImmutableArray<ChipProfile> chips, string text)
    {
        // Without 0x it is a piece of a part number: 446 and 411 are both.
        return text is ['0', 'X', .. { Length: 3 } digits] && ushort.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var id)
            ? chips.FirstOrDefault(x => x.Id == id)
            : null;
    }

    private static ChipMatch? ByOrderCode(ImmutableArray<ChipProfile> chips, string text)
    {
        ChipMatch? best = null;
        foreach (var chip in chips)
        {
            foreach (var part in chip.Parts)
            {
                if (PartNumber.IsOrderCode(text, PartNumber.Normalize(part.Name)) && (best is null || part.Name.Length > best.Part!.Name.Length))
                {
                    best = new ChipMatch(chip, part, part.FlashBytes);
                }
            }
        }

        return best;
    }

    private static ImmutableArray<ChipMatch> ByBeginning(ImmutableArray<ChipProfile> chips, string text)
    {
        var found = ImmutableArray.CreateBuilder<ChipMatch>();
        foreach (var chip in text.Length == 0 ? [] : chips)
        {
            var parts = chip.Parts.Where(x => x.Name.Length - 5 >= text.Length && PartNumber.Agree(x.Name.AsSpan(5), text)).ToList();
            if (parts.Count > 0)
            {
                var sizes = parts.Select(x => x.FlashBytes).Distinct().ToList();
                found.Add(new ChipMatch(chip, parts.Count == 1 ? parts[0] : null, sizes.Count == 1 ? sizes[0] : null));
            }
        }

        return found.ToImmutable();
    }

    private static ImmutableArray<ChipMatch> ByWords(ImmutableArray<ChipProfile> chips, string text)
    {
        var words = text.Split([' ', ',', '/'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return [.. chips.Where(chip => words.All(word => Says(chip, word))).Select(x => new ChipMatch(x, null, null))];
    }

    private static bool Says(ChipProfile chip, string word) =>
        chip.Name.Contains(word, StringComparison.OrdinalIgnoreCase)
        || chip.Family.Contains(word, StringComparison.OrdinalIgnoreCase)
        || chip.Cpu.Contains(word, StringComparison.OrdinalIgnoreCase)
        || chip.Lines.Any(x => string.Equals(x, word, StringComparison.OrdinalIgnoreCase));
}
