using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>Tells from fields of the option bytes what they protect.</summary>
internal static class ProtectionDecoder
{
    private const string ReadOutName = "read-out protection";

    public static ReadOutProtection Level(ReadOutCoding coding, uint value) => (coding, value) switch
    {
        (ReadOutCoding.F1, 0xA5) or (ReadOutCoding.Level or ReadOutCoding.Half, 0xAA) => ReadOutProtection.None,
        (ReadOutCoding.Half, 0x55) => ReadOutProtection.Half,
        (ReadOutCoding.Level or ReadOutCoding.Half, 0xCC) => ReadOutProtection.Permanent,

        // Open, provisioning, provisioned, the secure part closed, closed and locked (RM0481, FLASH_OPTSR; recalled, not re-read).
        (ReadOutCoding.State, 0xED) => ReadOutProtection.None,
        (ReadOutCoding.State, 0xC6) => ReadOutProtection.Half,
        (ReadOutCoding.State, 0x72) => ReadOutProtection.Level1,
        (ReadOutCoding.State, 0x5C) => ReadOutProtection.Permanent,
        (ReadOutCoding.State, _) => ReadOutProtection.Unknown,
        _ => ReadOutProtection.Level1,
    };

    /// <summary>
    /// What the likeliest chips' option bytes say. Where they disagree, the level is not known, and what any of them calls
    /// write-protected is taken to be: to refuse what would have worked is easily overridden.
    /// </summary>
    /// <param name="readings">The layouts that the device may have, each with the fields that it has; at least one.</param>
    /// <param name="target">The device, with the sectors that it has.</param>
    public static MemoryProtection Decode(IReadOnlyList<(OptionLayout Layout, ImmutableArray<OptionValue> Values)> readings, TargetDescription target)
    {
        var levels = readings
            .Select(x => Find(x.Values, x.Layout.ReadOutField) is { } field ? Level(x.Layout.ReadOutCoding, field.Value) : ReadOutProtection.Unknown)
            .Distinct()
            .ToList();
        var (layout, values) = readings[0];
        var evidence = Find(values, layout.ReadOutField) is not { } found ? $"its bootloader does not show {ReadOutName}"
            : levels.Count > 1 ? $"{found.Name} is {found.Text}, which does not mean the same on each chip that it may be"
            : $"{found.Name} is {found.Text}";
        var results = readings.Select(x => WriteProtected(x.Layout, x.Values, target)).ToList();
        return new MemoryProtection
        {
            ReadOut = levels is [var only] ? only : ReadOutProtection.Unknown,
            Evidence = evidence,
            WriteProtected = [.. AddressRange.Join(results.SelectMany(x => x.Protected).Order())],
            WriteProtectionUnknown = [.. AddressRange.Join(results.SelectMany(x => x.Unknown).Order())],
        };
    }

    private static (List<AddressRange> Protected, List<AddressRange> Unknown) WriteProtected(
        OptionLayout layout, ImmutableArray<OptionValue> values, TargetDescription target)
    {
        var closed = new List<AddressRange>();
        var unknown = new List<AddressRange>();
        if (target.Memory.Flash is not { } flash)
        {
            return (closed, unknown);
        }

        ImmutableArray<Sector> all = [.. flash.Runs.SelectMany(x => target.Memory.SectorsIn(x.Range))];
        var second = SecondBank(target, flash);
        var isReversed = layout.Reverse is { } reverse && Find(values, reverse) is { Value: 1 };
        foreach (var rule in layout.WriteProtection)
        {
            // Of one bank, what belongs to the second one counts from the start of flash (RM0440, FLASH_WRP2AR), where it counts at all.
            var start = !rule.SecondBank ? flash.Start
                : second is { } beginning ? beginning
                : rule.LastField is not null && target.Candidates[0].Chip.BankMode is not null ? flash.Start
                : (uint?)null;
            ImmutableArray<Sector> sectors = start is { } from
                ? [.. all.Where(x => x.Range.Start >= from && (rule.SecondBank || rule.Halves || rule.UnitBytes > 0 || second is not { } bank || x.Range.Start < bank))]
                : [];
            if (sectors.IsEmpty)
            {
                continue;
            }

            if (Find(values, rule.Field) is not { } field || (rule.LastField is not null && Find(values, rule.LastField) is null))
            {
                // A field that is not shown may protect its whole bank.
                unknown.AddRange(sectors.Select(x => x.Range));
            }
            else if (rule.LastField is { } last)
            {
                closed.AddRange(Pages(field.Value, Find(values, last)!.Value, sectors));
            }
            else
            {
                closed.AddRange(Bits(rule, field, sectors, rule.Halves ? second : null, isReversed));
            }
        }

        return ([.. AddressRange.Join(closed.Order())], [.. AddressRange.Join(unknown.Order())]);
    }

    private static IEnumerable<AddressRange> Pages(uint first, uint last, ImmutableArray<Sector> sectors) =>
        first > last ? [] : sectors.Skip((int)first).Take((int)(last - first) + 1).Select(x => x.Range);

    private static IEnumerable<AddressRange> Bits(WriteProtectionRule rule, OptionValue field, ImmutableArray<Sector> sectors, uint? second, bool isReversed)
    {
        var protects = isReversed ? 1 - rule.ProtectsWhen : rule.ProtectsWhen;
        for (var bit = 0; bit < field.Width; bit++)
        {
            if (((field.Value >> bit) & 1) != protects)
            {
                continue;
            }

            foreach (var sector in Covered(rule, field.Width, bit, sectors, second))
            {
                yield return sector.Range;
            }
        }
    }

    private static IEnumerable<Sector> Covered(WriteProtectionRule rule, int width, int bit, ImmutableArray<Sector> sectors, uint? second)
    {
        var isLast = rule.Rest && bit == width - 1;
        if (rule.UnitBytes > 0)
        {
            var from = sectors[0].Range.Start + ((rule.First + bit) * rule.UnitBytes);
            return sectors.Where(x => x.Range.Start >= from && (isLast || x.Range.Start < from + rule.UnitBytes));
        }

        if (rule.Halves && second is { } bank)
        {
            var half = width / 2;
            return sectors.Where(x => x.Range.Start < bank == bit < half).Skip(bit % half * 2).Take(2);
        }

        var unit = Math.Max(1, rule.UnitSectors);
        var rest = sectors.Skip((rule.First + bit) * unit);
        return isLast ? rest : rest.Take(unit);
    }

    // Where the sectors that the device has are in two banks, the second begins there.
    private static uint? SecondBank(TargetDescription target, MemoryRegion flash)
    {
        var banks = target.Candidates
            .Where(x => x.Evidence.Length == target.Candidates[0].Evidence.Length)
            .Select(x => x.Chip.Layouts.Where(y => y.HasSectorsOf(flash.Runs)).Select(y => y.SecondBank).Distinct().ToList())
            .ToList();
        return banks.Count > 0 && banks.TrueForAll(x => x.Count == 1) && banks.Select(x => x[0]).Distinct().ToList() is [var only] ? only : null;
    }

    private static OptionValue? Find(ImmutableArray<OptionValue> values, string name) =>
        values.FirstOrDefault(x => string.Equals(x.Name, name, StringComparison.Ordinal));
}
