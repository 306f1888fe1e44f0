using System.Text;
using System.Text.RegularExpressions;

namespace Defuse.Simulator.Programs;

/// <summary>The banner of the MicroPython that is in flash memory: its version, and what it was built for.</summary>
internal static partial class MicroPythonBanner
{
    private const int Longest = 120;

    /// <summary>"MicroPython v1.22.2 on 2024-02-22; NUCLEO_F767ZI with STM32F767"; null if flash memory has no such texts.</summary>
    public static string? Find(SimulatedChip chip)
    {
        var flash = new byte[chip.FlashSize];
        chip.ReadFlash(chip.FlashAddress, flash);
        foreach (var text in Texts(flash, "MicroPython v"u8))
        {
            if (Whole().Match(text) is { Success: true } whole)
            {
                return whole.Value;
            }

            // Builds keep the machine's name apart.
            if (Version().Match(text) is { Success: true } version)
            {
                return Join(version.Value, flash);
            }
        }

        // And some the program's own name too.
        return Texts(flash, " on 20"u8).Select(x => Bare().Match(x)).FirstOrDefault(x => x.Success) is { } bare ? Join($"MicroPython {bare.Value}", flash) : null;
    }

    private static string? Join(string version, byte[] flash) =>
        Texts(flash, " with STM32"u8).Select(x => Machine().Match(x)).Where(x => x.Success).MinBy(x => x.Length) is { } machine
            ? $"{version}; {machine.Groups["machine"].Value}"
            : null;

    /// <summary>The printable texts around a marker.</summary>
    private static List<string> Texts(byte[] flash, ReadOnlySpan<byte> marker)
    {
        var texts = new List<string>();
        for (var from = 0; flash.AsSpan(from).IndexOf(marker) is var found and >= 0; from += found + marker.Length)
        {
            var at = from + found;
            var start = at;
            while (start > 0 && at - start < Longest && flash[start - 1] is >= 32 and < 127)
            {
                start--;
            }

            var end = at;
            while (end < flash.Length && end - at < Longest && flash[end] is >= 32 and < 127)
            {
                end++;
            }

            texts.Add(Encoding.ASCII.GetString(flash, start, end - start));
        }

        return texts;
    }

    [GeneratedRegex(@"MicroPython v\d+\.\d+\S* on \d{4}-\d\d-\d\d; \S.* with \S+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Whole();

    [GeneratedRegex(@"MicroPython v\d+\.\d+\S* on \d{4}-\d\d-\d\d", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Version();

    [GeneratedRegex(@"^v\d+\.\d+\S* on \d{4}-\d\d-\d\d$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Bare();

    [GeneratedRegex(@"^(?:; )?(?<machine>\S.* with STM32\w+)$", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Machine();
}
