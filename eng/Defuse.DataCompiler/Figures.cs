using System.Globalization;
using System.Text.RegularExpressions;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.DataCompiler;

/// <summary>Reads figures as the data files write them.</summary>
internal static partial class Figures
{
    /// <summary>"128K" or "128": bytes.</summary>
    public static long? Size(string text) =>
        text.EndsWith('K') ? Plain(text[..^1]) * 1024 : Plain(text);

    /// <summary>"0x08000000".</summary>
    public static uint? Address(string text) =>
        text.StartsWith("0x", StringComparison.Ordinal) && uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;

    /// <summary>"0x08000000+128K".</summary>
    public static AddressRange? Range(string text) =>
        text.Split('+') is [var start, var size] && Address(start) is { } address && Size(size) is { } length && length > 0 && address + length <= AddressRange.AddressSpaceEnd
            ? new AddressRange(address, length)
            : null;

    /// <summary>"DTCM 0x20000000+128K" or "SRAM2 0x10000000+32K alias".</summary>
    public static RamRegion? Ram(string text) =>
        text.Split(' ') is [var name, var range, .. var rest] && Range(range) is { } where && rest is [] or ["alias"]
            ? new RamRegion(name, where, rest.Length == 1)
            : null;

    /// <summary>"0x08000000 4x16K 1x64K 7x128K": sectors one after the other.</summary>
    public static List<SectorRun>? Runs(string text)
    {
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length < 2 || Address(parts[0]) is not { } start)
        {
            return null;
        }

        var runs = new List<SectorRun>();
        long next = start;
        foreach (var part in parts.Skip(1))
        {
            if (part.Split('x') is not [var count, var size] || Plain(count) is not { } sectors || Size(size) is not { } bytes || sectors < 1 || bytes < 1)
            {
                return null;
            }

            runs.Add(new SectorRun((uint)next, (int)sectors, bytes, SectorAccess.All));
            next += sectors * bytes;
        }

        return runs;
    }

    /// <summary>"nDBANK 0x1FFF0008 bit 13, register bit 29 single when 1"; the place over DFU may be missing.</summary>
    public static BankModeBit? Bank(string text)
    {
        var match = BankBit().Match(text);
        if (!match.Success)
        {
            return null;
        }

        var register = int.Parse(match.Groups["register"].Value, CultureInfo.InvariantCulture);
        return new BankModeBit(
            match.Groups["name"].Value,
            match.Groups["address"] is { Success: true } address ? Address(address.Value) : null,
            match.Groups["bit"] is { Success: true } bit ? int.Parse(bit.Value, CultureInfo.InvariantCulture) : register,
            register,
            string.Equals(match.Groups["when"].Value, "single", StringComparison.Ordinal));
    }

    private static long? Plain(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;

    [GeneratedRegex("^(?<name>[A-Za-z0-9_]+)( (?<address>0x[0-9A-F]{8}) bit (?<bit>[0-9]+),)? register bit (?<register>[0-9]+) (?<when>single|dual) when 1$")]
    private static partial Regex BankBit();
}
