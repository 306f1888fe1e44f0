using System.Collections.Immutable;
using System.Globalization;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Targets.Dfu;

/// <summary>
/// The name of a DfuSe alternate setting, which holds the memory's layout (UM0424, section 4.3.2):
/// <c>@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg</c>.
/// </summary>
/// <remarks>
/// Devices vary it: one to three spaces before a slash, leading zeros and blanks, counts of four digits, unit B, a
/// space or none, seven-digit addresses, several address groups, a missing unit or letter, text after a NUL. All of
/// these are taken; what cannot be meant is refused.
/// </remarks>
public static class MemoryLayoutString
{
    private const int MaximumRuns = 256;

    // The largest that was seen has 1,536; a device that claims millions would have a plan take seconds.
    private const int MaximumSectors = 100_000;

    /// <summary>Reads a layout.</summary>
    /// <param name="text">The interface's string.</param>
    /// <param name="alternateSetting">The alternate setting that it belongs to.</param>
    /// <returns>The memory, or null if the text is no layout: a plain DFU device names its interface as it likes.</returns>
    public static MemoryRegion? TryParse(string? text, byte alternateSetting)
    {
        if (text is null)
        {
            return null;
        }

        var end = text.IndexOf('\0', StringComparison.Ordinal);
        var rest = (end < 0 ? text : text[..end]).AsSpan().Trim();
        if (rest.IsEmpty || rest[0] != '@')
        {
            return null;
        }

        var slash = rest.IndexOf('/');
        if (slash < 0)
        {
            return null;
        }

        var name = rest[1..slash].Trim().ToString();
        rest = rest[(slash + 1)..];
        var runs = ImmutableArray.CreateBuilder<SectorRun>();
        while (!rest.IsEmpty)
        {
            if (!TryTakeUntilSlash(ref rest, out var start)
                || !TryAddress(start, out var address)
                || !TryRuns(TakeGroup(ref rest), address, runs))
            {
                return null;
            }
        }

        return runs.Count == 0 ? null : new MemoryRegion(name, alternateSetting, runs);
    }

    private static bool TryTakeUntilSlash(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> part)
    {
        var slash = rest.IndexOf('/');
        part = slash < 0 ? default : rest[..slash].Trim();
        rest = slash < 0 ? default : rest[(slash + 1)..];
        return slash >= 0;
    }

    private static ReadOnlySpan<char> TakeGroup(ref ReadOnlySpan<char> rest)
    {
        var slash = rest.IndexOf('/');
        var group = slash < 0 ? rest : rest[..slash];
        rest = slash < 0 ? default : rest[(slash + 1)..];
        return group;
    }

    private static bool TryAddress(ReadOnlySpan<char> text, out uint address)
    {
        address = 0;
        return text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            && text.Length <= 10
            && uint.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out address);
    }

    private static bool TryRuns(ReadOnlySpan<char> group, long address, ImmutableArray<SectorRun>.Builder runs)
    {
        foreach (var part in group.Split(','))
        {
            if (runs.Count == MaximumRuns || !TryRun(group[part].Trim(), ref address, runs))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryRun(ReadOnlySpan<char> text, ref long address, ImmutableArray<SectorRun>.Builder runs)
    {
        var star = text.IndexOf('*');
        if (star < 0 || !TryNumber(text[..star].Trim(), out var count) || count == 0)
        {
            return false;
        }

        text = text[(star + 1)..].Trim();
        var digits = text.IndexOfAnyExceptInRange('0', '9');
        if (!TryNumber(digits < 0 ? text : text[..digits], out var size) || size == 0)
        {
            return false;
        }

        var suffix = digits < 0 ? default : text[digits..];
        if (!TrySuffix(suffix, out var unit, out var access))
        {
            return false;
        }

        var sectorSize = size * unit;
        if (runs.Sum(x => x.Count) + count > MaximumSectors || sectorSize > (AddressRange.AddressSpaceEnd - address) / count)
        {
            return false;
        }

        runs.Add(new SectorRun((uint)address, count, sectorSize, access));
        address += count * sectorSize;
        return true;
    }

    // "Kg", " e", "Be", "g" (a unit is missing: bytes), "K" (a letter is missing: everything is allowed), "".
    private static bool TrySuffix(ReadOnlySpan<char> suffix, out long unit, out SectorAccess access)
    {
        unit = 1;
        access = SectorAccess.All;
        if (!suffix.IsEmpty && suffix[0] is ' ' or 'B' or 'K' or 'M')
        {
            unit = suffix[0] switch { 'K' => 1024, 'M' => 1024 * 1024, _ => 1 };
            suffix = suffix[1..];
        }

        suffix = suffix.Trim();
        if (suffix.IsEmpty)
        {
            return true;
        }

        // The low three bits of the letter's code are the access: a is 1, g is 7.
        access = (SectorAccess)(suffix[0] & 7);
        return suffix.Length == 1 && suffix[0] is >= 'a' and <= 'g';
    }

    private static bool TryNumber(ReadOnlySpan<char> text, out int number)
    {
        number = 0;
        return text.Length is > 0 and <= 7 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
