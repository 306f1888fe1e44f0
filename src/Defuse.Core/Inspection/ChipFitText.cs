using System.Collections.Immutable;

namespace Defuse.Inspection;

/// <summary>Which chips an image fits, family by family, in few words.</summary>
public static class ChipFitText
{
    // A file that does not say what it is for fits most chips: their names would say nothing.
    private const int MostFamilies = 6;
    private const int MostChips = 4;

    /// <summary>The chips that it fits: <c>STM32F4 with 512 KB or more</c>; bytes beside every chip do not count. Null if it fits none.</summary>
    /// <param name="chips">All chips that it was held against.</param>
    public static string? Fits(ImmutableArray<ChipFit> chips)
    {
        var families = Families(chips).Select(x => Family(x.Key, [.. x])).ToList();
        if (families.Count > MostFamilies)
        {
            var fitting = chips.Where(x => x.FitsInside).ToList();
            var least = Words.Size(fitting.Min(x => x.FlashSize));
            return $"{Count(fitting)} of the {Count(chips)} chips that are known, those with {least} of flash or more{(Count(fitting) == Count(chips) ? "" : " and the RAM that it wants")}";
        }

        return families.Count == 0 ? null : Words.List(families, MostFamilies);
    }

    /// <summary>The chips of the same families that it does not fit, each with the reason; null if it fits all of these.</summary>
    /// <param name="chips">All chips that it was held against.</param>
    public static string? Near(ImmutableArray<ChipFit> chips)
    {
        var families = Families(chips).ToList();
        if (families.Count > MostFamilies)
        {
            return null;
        }

        var near = families
            .SelectMany(x => x)
            .Where(x => !x.FitsInside)
            .GroupBy(x => x.Chip.Name, StringComparer.Ordinal)
            .Select(x => $"{Sized(x.Key, [.. x], [.. chips.Where(y => y.Chip.Name == x.Key)])}: {Reason(x.First())}")
            .ToList();
        return near.Count == 0 ? null : string.Join("; ", near.Count > MostChips ? [.. near.Take(MostChips), $"and {near.Count - MostChips} more"] : near);
    }

    /// <summary>Why it fits none; null if it fits one, or was held against none.</summary>
    /// <param name="chips">All chips that it was held against.</param>
    public static string? WhyNone(ImmutableArray<ChipFit> chips)
    {
        if (chips.IsEmpty || chips.Any(x => x.FitsInside))
        {
            return null;
        }

        foreach (var kind in (ChipMisfitKind[])[ChipMisfitKind.Named, ChipMisfitKind.MadeFor, ChipMisfitKind.Outside, ChipMisfitKind.StackPointer, ChipMisfitKind.External])
        {
            if (chips.All(x => x.Misfits.Any(y => y.Kind == kind)))
            {
                // Each chip says by itself how much lies outside; the largest has the least to say.
                var largest = chips.MaxBy(x => x.FlashSize)!;
                var reason = largest.Misfits.First(x => x.Kind == kind).Reason;
                return kind is ChipMisfitKind.Named or ChipMisfitKind.MadeFor || chips.All(x => x.Misfits.Any(y => y.Reason == reason))
                    ? reason
                    : $"for {largest.Chip.Name}, {reason}";
            }
        }

        var nearest = chips.MinBy(x => x.Misfits.Length)!;
        return $"for {nearest.Chip.Name}, {string.Join(", and ", nearest.Misfits.Select(x => x.Reason))}";
    }

    private static int Count(IEnumerable<ChipFit> chips) => chips.DistinctBy(x => x.Chip.Id).Count();

    private static IEnumerable<IGrouping<string, ChipFit>> Families(ImmutableArray<ChipFit> chips) =>
        chips.GroupBy(x => x.Chip.Family, StringComparer.Ordinal).Where(x => x.Any(y => y.FitsInside)).OrderBy(x => x.Key, StringComparer.Ordinal);

    private static string Family(string family, IReadOnlyList<ChipFit> chips)
    {
        if (chips.DistinctBy(x => x.Chip.Id).Count() == 1)
        {
            return Sized(chips[0].Chip.Name, [.. chips.Where(x => x.FitsInside)], chips);
        }

        var least = chips.Where(x => x.FitsInside).Min(x => x.FlashSize);
        if (chips.All(x => x.FitsInside == (x.FlashSize >= least)))
        {
            return chips.All(x => x.FitsInside) ? family : $"{family} with {Words.Size(least)} or more";
        }

        var names = chips.Where(x => x.FitsInside)
            .GroupBy(x => x.Chip.Name, StringComparer.Ordinal)
            .Select(x => Sized(x.Key, [.. x], [.. chips.Where(y => y.Chip.Name == x.Key)]));
        return string.Join(", ", names);
    }

    // Some of a chip's layouts, by their size where that tells them from the others.
    private static string Sized(string name, IReadOnlyList<ChipFit> some, IReadOnlyList<ChipFit> all)
    {
        if (some.Count == all.Count)
        {
            return name;
        }

        var (least, most) = (some.Min(x => x.FlashSize), some.Max(x => x.FlashSize));
        return all.All(x => some.Contains(x) == (x.FlashSize >= least)) ? $"{name} with {Words.Size(least)}{(least == most ? "" : " or more")}"
            : all.All(x => some.Contains(x) == (x.FlashSize <= most)) ? $"{name} with {Words.Size(most)}{(least == most ? "" : " or less")}"
            : $"{name} ({string.Join(", ", some.Select(x => x.Layout.Name))})";
    }

    private static string Reason(ChipFit chip) => chip.Misfits.First(x => x.Kind != ChipMisfitKind.External).Reason;
}
