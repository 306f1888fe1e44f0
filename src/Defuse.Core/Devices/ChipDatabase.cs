using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>The chips that Defuse knows.</summary>
/// <remarks>Immutable. What comes with Defuse is loaded when the first chip is asked for, once in a process.</remarks>
public sealed class ChipDatabase
{
    private readonly Lazy<ImmutableArray<ChipProfile>> _chips;

    /// <param name="chips">The chips; no two with the same id.</param>
    public ChipDatabase(IEnumerable<ChipProfile> chips)
    {
        ArgumentNullException.ThrowIfNull(chips);
        ImmutableArray<ChipProfile> sorted = [.. chips.OrderBy(x => x.Id)];
        _chips = new Lazy<ImmutableArray<ChipProfile>>(sorted);
    }

    private ChipDatabase(Func<ImmutableArray<ChipProfile>> load) => _chips = new Lazy<ImmutableArray<ChipProfile>>(load);

    /// <summary>The chips that come with Defuse.</summary>
    public static ChipDatabase Default { get; } = new(() => DeviceTables.Shipped.Chips);

    /// <summary>The chips, by id.</summary>
    public ImmutableArray<ChipProfile> Chips => _chips.Value;

    /// <summary>The chip with an id, or null.</summary>
    /// <param name="id">DEV_ID.</param>
    public ChipProfile? FindId(ushort id) => Chips.FirstOrDefault(x => x.Id == id);

    /// <summary>The longest beginning of a part number that one of the chips has: "STM32F4" of "STM32F4DISCOVERY"; null if none has any.</summary>
    /// <param name="part">A word that begins with STM32.</param>
    internal string? KnownBeginning(string part)
    {
        // A series at the least.
        const int Shortest = 7;
        for (var length = part.Length; length >= Shortest; length--)
        {
            if (Chips.Any(x => x.Includes(part[..length])))
            {
                return part[..length];
            }
        }

        return null;
    }

    /// <summary>The chip and part that a part number names, or null: "STM32F767ZI", "stm32f767zit6", "F767ZI".</summary>
    /// <param name="part">The part number, whole; a beginning of one names nothing.</param>
    public ChipMatch? FindPart(string part) => Find(part) is [{ Part: not null } only] ? only : null;

    /// <summary>The chips that a text fits, by id: an id ("0x451"), a part number or a beginning of one, with or without STM32
    /// and with x for any letter ("F401xC"), or words of a chip's name, family or core. All chips if it is blank.</summary>
    /// <param name="text">What somebody typed.</param>
    public ImmutableArray<ChipMatch> Find(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return ChipSearch.Find(Chips, text);
    }

    /// <summary>
    /// The chips that a DFU device may be, with all that speaks for each; the one with most evidence first. None if its
    /// bcdDevice was never seen on a ROM: then it is a bootloader of somebody else's, whose map says nothing of the chip.
    /// </summary>
    /// <param name="regions">The memories that the device names.</param>
    /// <param name="deviceRelease">bcdDevice.</param>
    public ImmutableArray<ChipCandidate> Identify(IReadOnlyCollection<MemoryRegion> regions, ushort deviceRelease)
    {
        ArgumentNullException.ThrowIfNull(regions);
        var families = Chips.Where(x => x.DeviceReleases.Contains(deviceRelease)).Select(x => x.Family).ToHashSet(StringComparer.Ordinal);
        if (regions.FirstOrDefault(x => x.IsFlash) is not { } flash || families.Count == 0)
        {
            return [];
        }

        var found = new List<ChipCandidate>();
        foreach (var chip in Chips)
        {
            if (ChipIdentification.Weigh(chip, flash, regions, deviceRelease, families) is { } evidence)
            {
                found.Add(new ChipCandidate(chip, evidence));
            }
        }

        return [.. found.OrderByDescending(x => x.Evidence.Length)];
    }
}
