using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Devices;

/// <summary>How much flash a device has, as far as that is known.</summary>
/// <param name="Bytes">How much.</param>
/// <param name="Evidence">How that is known, as half a sentence.</param>
/// <param name="IsGuess">Whether it may have another size all the same.</param>
public sealed record FlashSize(long Bytes, string Evidence, bool IsGuess)
{
    private const int Kilobyte = 1024;

    /// <summary>Whether ROMs of these chips are known to announce a size that the part does not have.</summary>
    public bool IsKnownToBeGeneric { get; init; }

    /// <summary>What the device's map and the parts that it may be tell.</summary>
    internal static FlashSize? Of(MemoryMap memory, ImmutableArray<ChipCandidate> candidates)
    {
        if (memory.Flash is not { } flash)
        {
            return null;
        }

        var bytes = flash.ByteCount;
        if (candidates.IsEmpty)
        {
            return new FlashSize(bytes, "the device announces as much, and what chip it is is not known", IsGuess: true);
        }

        if (candidates is [{ Part: { } part }])
        {
            return new FlashSize(part.FlashBytes, $"{part.Name} has as much", IsGuess: false);
        }

        // Of several candidates, those that most speaks for.
        var best = candidates.Where(x => x.Evidence.Length == candidates[0].Evidence.Length).ToList();
        var sizes = best.SelectMany(x => x.Chip.FlashSizes).Distinct().OrderDescending().ToList();
        if (best.Select(x => x.Chip.GenericMap).OfType<string>().FirstOrDefault() is { } generic)
        {
            return new FlashSize(bytes, $"the device announces as much, but {generic}", IsGuess: true) { IsKnownToBeGeneric = true };
        }

        return sizes is [var only] && only == bytes
            ? new FlashSize(bytes, "all parts of this chip have as much", IsGuess: false)
            : new FlashSize(bytes, $"the device announces as much; its parts have {string.Join(" or ", sizes.Select(Text))}", IsGuess: true);
    }

    /// <summary>What a flash-size register says, if that can be.</summary>
    /// <param name="kilobytes">What it holds.</param>
    /// <param name="candidates">The chips that the device may be.</param>
    internal static FlashSize? OfRegister(int kilobytes, ImmutableArray<ChipCandidate> candidates)
    {
        var bytes = kilobytes * (long)Kilobyte;
        return candidates.Any(x => x.Chip.FlashSizes.Contains(bytes)) ? new FlashSize(bytes, "its flash-size register says so", IsGuess: false) : null;
    }

    private static string Text(long bytes) => bytes % (Kilobyte * Kilobyte) == 0
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / (Kilobyte * Kilobyte)} MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / Kilobyte} KB");
}
