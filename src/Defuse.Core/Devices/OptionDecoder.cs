using System.Buffers.Binary;
using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>Tells what option bytes mean.</summary>
internal static class OptionDecoder
{
    /// <summary>Decodes what a device showed of its option bytes.</summary>
    /// <param name="raw">The bytes, where it showed them.</param>
    /// <param name="target">The device.</param>
    /// <param name="tables">What is known of option bytes.</param>
    public static OptionBytes Decode(FirmwareImage raw, TargetDescription target, OptionTables tables)
    {
        var chips = target.Candidates.Select(x => x.Chip).ToList();
        var known = chips.Select(x => (Chip: x, Layout: tables.Find(x.Id))).ToList();
        var layouts = known.Where(x => x.Layout is not null).Select(x => x.Layout!).Distinct().ToList();
        var remarks = ImmutableArray.CreateBuilder<string>();
        if (chips.Count == 0)
        {
            remarks.Add("the chip is not known, and so it is not known what the bytes mean");
        }
        else if (layouts.Count == 0)
        {
            remarks.Add($"nothing is known of the option bytes of {target.ChipName}");
        }

        var strangers = known.Where(x => x.Layout is null && layouts.Count > 0).Select(x => x.Chip.Name).ToList();
        if (strangers.Count > 0)
        {
            remarks.Add($"if the chip is {string.Join(" or ", strangers)}, nothing is known of its option bytes");
        }

        var values = layouts.Select(x => Values(raw, x, tables)).ToList();
        var common = layouts.Count == 0 ? [] : values[0].Where(x => values.TrueForAll(y => y.Any(z => IsSamePlace(x, z)))).ToImmutableArray();
        for (var i = 0; layouts.Count > 1 && i < layouts.Count; i++)
        {
            var own = values[i].Where(x => !common.Any(y => IsSamePlace(x, y))).Select(x => $"{x.Name} {x.Text}").ToList();
            var names = string.Join(" or ", known.Where(x => x.Layout == layouts[i]).Select(x => x.Chip.Name));
            if (own.Count > 0)
            {
                remarks.Add($"only if the chip is {names}: {string.Join(", ", own)}");
            }
        }

        foreach (var layout in layouts)
        {
            var hidden = layout.Registers.Where(x => Word(raw, x.Address) is null).Select(x => x.Name).Distinct(StringComparer.Ordinal).ToList();
            if (hidden.Count > 0 && layouts.Count == 1)
            {
                remarks.Add($"its bootloader does not show {string.Join(", ", hidden)}");
            }
        }

        // Meanings may differ by chip even where the place is the same: then none is told.
        ImmutableArray<OptionValue> settled =
        [
            .. common.Select(x => values.TrueForAll(y => y.Any(z => IsSamePlace(x, z) && string.Equals(x.Meaning, z.Meaning, StringComparison.Ordinal)))
                ? x
                : x with { Meaning = null }),
        ];
        return new OptionBytes
        {
            Raw = raw,
            Values = settled,
            Remarks = remarks.ToImmutable(),
            Protection = Protection(raw, target, tables),
        };
    }

    // Of several candidates, those that most speaks for: an F405 whose reserved bits read as 1 would be wholly write-protected
    // if it were an F412.
    private static MemoryProtection Protection(FirmwareImage raw, TargetDescription target, OptionTables tables)
    {
        var best = target.Candidates.Where(x => x.Evidence.Length == target.Candidates[0].Evidence.Length).Select(x => tables.Find(x.Chip.Id)).Distinct().ToList();
        if (best.Count == 0 || best.Contains(null))
        {
            return MemoryProtection.Unknown with { Evidence = "what this chip's option bytes mean is not known" };
        }

        return ProtectionDecoder.Decode([.. best.OfType<OptionLayout>().Select(x => (x, Values(raw, x, tables)))], target);
    }

    private static bool IsSamePlace(OptionValue a, OptionValue b) =>
        (a.Address, a.Bit, a.Width) == (b.Address, b.Bit, b.Width) && string.Equals(a.Name, b.Name, StringComparison.Ordinal);

    private static ImmutableArray<OptionValue> Values(FirmwareImage raw, OptionLayout layout, OptionTables tables)
    {
        var values = ImmutableArray.CreateBuilder<OptionValue>();
        foreach (var register in layout.Registers)
        {
            if (Word(raw, register.Address) is not { } word)
            {
                continue;
            }

            foreach (var field in register.Fields)
            {
                var value = field.Width == 32 ? word : (word >> field.Bit) & ((1u << field.Width) - 1);
                values.Add(new OptionValue(
                    register.Name, register.Address, field.Name, field.Bit, field.Width, value, Meaning(field.Name, value, layout, tables), register.Source));
            }
        }

        return values.ToImmutable();
    }

    private static string? Meaning(string field, uint value, OptionLayout layout, OptionTables tables)
    {
        if (string.Equals(field, layout.ReadOutField, StringComparison.Ordinal) && layout.ReadOutCoding != ReadOutCoding.State)
        {
            return ProtectionDecoder.Level(layout.ReadOutCoding, value) switch
            {
                ReadOutProtection.None => "level 0: memory can be read",
                ReadOutProtection.Half => "level 0.5: only non-secure memory can be read",
                ReadOutProtection.Permanent => "level 2: closed for good",
                _ => "level 1: memory cannot be read",
            };
        }

        return (layout.Meanings.FirstOrDefault(x => string.Equals(x.Field, field, StringComparison.Ordinal))
            ?? tables.Meanings.FirstOrDefault(x => string.Equals(x.Field, field, StringComparison.Ordinal)))?.Of(value);
    }

    private static uint? Word(FirmwareImage raw, uint address)
    {
        Span<byte> bytes = stackalloc byte[4];
        if (!raw.Covers(new AddressRange(address, bytes.Length)))
        {
            return null;
        }

        foreach (var segment in raw.Slice(new AddressRange(address, bytes.Length)).Segments)
        {
            segment.Data.Span.CopyTo(bytes[(int)(segment.Range.Start - address)..]);
        }

        return BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }
}
