using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Planning;

/// <summary>Which sectors an erase command takes, and whether it may.</summary>
internal static class ErasableSectors
{
    public static ImmutableArray<Sector> Of(AddressRange? range, TargetDescription target, FlashOptions options, out ImmutableArray<string> warnings)
    {
        var memory = target.Memory;
        var allow = options.Allow;
        if (memory.Flash is not { } flash)
        {
            throw new PlanRefusedException([new Refusal(RefusalKind.Outside, "the device names no memory that can be erased", range, "this device cannot be erased over this connection")]);
        }

        var ranges = range is { } one ? [one] : flash.Runs.Select(x => x.Range);
        var touched = ranges.SelectMany(memory.SectorsIn).DistinctBy(x => x.Range).ToLookup(x => memory.FindRegion(x.Range.Start)!.IsFlash);

        // Option bytes and OTP are never erased, whatever is allowed.
        var outside = ranges.SelectMany(memory.Outside).Concat(touched[false].Select(x => x.Range)).ToList();
        ImmutableArray<Sector> sectors = [.. touched[true]];
        if (range is null)
        {
            sectors = [.. sectors.Where(x => x.Access.HasFlag(SectorAccess.Erasable))];
        }

        var refusals = new List<Refusal>();
        if (sectors.IsEmpty || (outside.Count > 0 && !allow.HasFlag(FlashAllowances.Outside)))
        {
            var first = outside.Count > 0 ? outside[0] : range;
            refusals.Add(new Refusal(RefusalKind.Outside, $"{first} is not in the flash of this device", first, $"its flash begins at 0x{flash.Start:X8} and has {flash.ByteCount} bytes"));
        }

        var found = new List<string>();
        var locked = sectors.Where(x => !x.Access.HasFlag(SectorAccess.Erasable)).ToList();
        if (locked.Count > 0)
        {
            ImageFit.Add(
                new Refusal(RefusalKind.Protected, $"{locked[0]} cannot be erased, the device says", locked[0].Range, "leave it out, or try all the same with --allow protected"),
                options,
                refusals,
                found);
        }

        foreach (var refusal in new[] { ProtectionCheck.ReadOut(target), ProtectionCheck.Write(sectors, target, range is null ? "erase only the others, by their range" : "erase a range that leaves alone what is protected") }.OfType<Refusal>())
        {
            ImageFit.Add(refusal, options, refusals, found);
        }

        if (range is null && ReadOnly(target.Memory) is { } kept)
        {
            found.Add($"{kept}: neither erased nor read back");
        }

        warnings = [.. found];
        return refusals.Count > 0 ? throw new PlanRefusedException(refusals) : sectors;
    }

    /// <summary>What of the main flash an erase of all of it leaves out, for people; null if that is nothing.</summary>
    public static string? ReadOnly(MemoryMap memory)
    {
        var runs = memory.Flash?.Runs.Where(x => !x.Access.HasFlag(SectorAccess.Erasable)).ToList() ?? [];
        var count = runs.Sum(x => x.Count);
        var ranges = string.Join(", ", AddressRange.Join(runs.Select(x => x.Range)));
        return count == 0 ? null : count == 1 ? $"1 sector, {ranges}, is read-only, the device says" : $"{count} sectors, {ranges}, are read-only, the device says";
    }
}
