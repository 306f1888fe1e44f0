using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>Tells from what a DFU device says of itself which chip it may be.</summary>
/// <remarks>
/// A chip is left out only by what is known of it: what no source tells of a chip neither speaks for it nor against it.
/// </remarks>
internal static class ChipIdentification
{
    /// <summary>The evidence for a chip; null if something speaks against it.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="flash">The device's main flash, one of its regions.</param>
    /// <param name="regions">The memories that the device names.</param>
    /// <param name="deviceRelease">bcdDevice.</param>
    /// <param name="families">The families that it was seen in.</param>
    public static ImmutableArray<string>? Weigh(
        ChipProfile chip, MemoryRegion flash, IReadOnlyCollection<MemoryRegion> regions, ushort deviceRelease, IReadOnlySet<string> families)
    {
        var layout = chip.UsbDfu.Presence == UsbDfuPresence.No ? null : chip.Layouts.FirstOrDefault(x => x.HasSectorsOf(flash.Runs));
        if (layout is null || (!chip.DeviceReleases.IsEmpty && !chip.DeviceReleases.Any(x => IsOneGeneration(x, deviceRelease))))
        {
            return null;
        }

        var evidence = ImmutableArray.CreateBuilder<string>();
        evidence.Add($"its flash has the sectors of {chip.Name}, {layout.Name}");
        if (chip.DeviceReleases.Contains(deviceRelease))
        {
            evidence.Add($"bcdDevice {deviceRelease:X4}");
        }
        else if (chip.DeviceReleases.IsEmpty && families.Contains(chip.Family))
        {
            evidence.Add($"bcdDevice {deviceRelease:X4}, as others of {chip.Family} have");
        }

        foreach (var region in regions.Where(x => !ReferenceEquals(x, flash)))
        {
            if (!TryWeigh(chip, region, evidence))
            {
                return null;
            }
        }

        return evidence.ToImmutable();
    }

    // ROMs of one chip were seen with 2100 and 2200; that one of 2xxx becomes 02xx, or the other way round, was not.
    private static bool IsOneGeneration(ushort seen, ushort release) => seen >= 0x1000 == release >= 0x1000;

    private static bool TryWeigh(ChipProfile chip, MemoryRegion region, ImmutableArray<string>.Builder evidence)
    {
        var (what, place) = PlaceOf(chip, region.Name);
        if (what is null)
        {
            return true;
        }

        if (place is { } known)
        {
            if (region.Start != known.Start)
            {
                return false;
            }

            evidence.Add($"{what} at 0x{known.Start:X8}");
        }

        var seen = chip.SeenRegions.Where(x => PlaceOf(chip, x.Name).What == what).Select(Areas).ToList();
        var areas = Areas(region);
        if (seen.Any(x => x.SequenceEqual(areas)))
        {
            evidence.Add($"{what}: {region.ByteCount} bytes, as such chips show");
        }

        // A ROM that names a second area has a second bank of option bytes; one that does not, has none.
        return seen.Count == 0 || seen.Any(x => x.Select(y => y.Start).SequenceEqual(areas.Select(y => y.Start)));
    }

    private static (string? What, AddressRange? Place) PlaceOf(ChipProfile chip, string name) =>
        name.StartsWith("Option", StringComparison.OrdinalIgnoreCase) ? ("option bytes", chip.OptionBytes)
        : name.StartsWith("OTP", StringComparison.OrdinalIgnoreCase) ? ("OTP", chip.Otp)
        : name.StartsWith("DATA", StringComparison.OrdinalIgnoreCase) ? ("data EEPROM", chip.DataEeprom)
        : (null, null);

    private static List<AddressRange> Areas(MemoryRegion region)
    {
        var areas = new List<AddressRange>();
        foreach (var range in region.Runs.Select(x => x.Range))
        {
            if (areas.Count > 0 && areas[^1].End == range.Start)
            {
                areas[^1] = AddressRange.FromBounds(areas[^1].Start, range.End);
            }
            else
            {
                areas.Add(range);
            }
        }

        return areas;
    }
}
