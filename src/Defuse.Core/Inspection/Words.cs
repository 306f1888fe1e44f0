using System.Globalization;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>Figures for people.</summary>
internal static class Words
{
    public static string Bytes(long count) => count == 1 ? "1 byte" : string.Create(CultureInfo.InvariantCulture, $"{count:N0} bytes");

    /// <summary>In KB or MB where that is exact, in bytes otherwise.</summary>
    public static string Size(long bytes) => bytes switch
    {
        > 0 when bytes % (1024 * 1024) == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes / (1024 * 1024)} MB"),
        > 0 when bytes % 1024 == 0 => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1024} KB"),
        _ => Bytes(bytes),
    };

    public static string Range(AddressRange range) => $"{range} ({Size(range.Length)})";

    public static string Address(uint address) => string.Create(CultureInfo.InvariantCulture, $"0x{address:X8}");

    /// <summary>"a", "a and b", "a, b and c"; what is over the most is counted.</summary>
    public static string List(IReadOnlyCollection<string> words, int most)
    {
        var shown = words.Count > most ? [.. words.Take(most), $"{words.Count - most} more"] : words.ToList();
        return shown.Count < 2 ? string.Concat(shown) : $"{string.Join(", ", shown.SkipLast(1))} and {shown[^1]}";
    }
}
