using Defuse.Images;

namespace Defuse.Planning;

/// <summary>Holds what is to be written to one-time programmable memory against what it holds.</summary>
internal static class OtpCheck
{
    // Flash that is programmed by 8 bytes and more has an error-correcting code over each unit, which is written once.
    private const int SmallestCodedUnit = 8;

    /// <summary>What stands against it; null if nothing does.</summary>
    /// <param name="wanted">The bytes to write.</param>
    /// <param name="found">What is there now; as long.</param>
    /// <param name="unit">The program unit.</param>
    public static Refusal? Check(ImageSegment wanted, ReadOnlySpan<byte> found, int unit)
    {
        var bytes = wanted.Data.Span;
        for (var i = 0; i < bytes.Length; i++)
        {
            var address = (uint)(wanted.Range.Start + i);
            if ((found[i] & bytes[i]) != bytes[i])
            {
                return new Refusal(
                    RefusalKind.Protected,
                    $"one-time programmable memory holds 0x{found[i]:X2} at 0x{address:X8}, and 0x{bytes[i]:X2} would need a bit to go from 0 to 1, which it never does",
                    new AddressRange(address, 1),
                    "write to a part of it that is still blank");
            }
        }

        for (var i = 0; unit >= SmallestCodedUnit && i < bytes.Length; i += unit)
        {
            var there = found.Slice(i, Math.Min(unit, bytes.Length - i));
            if (there.ContainsAnyExcept((byte)0xFF) && !there.SequenceEqual(bytes.Slice(i, there.Length)))
            {
                return new Refusal(
                    RefusalKind.Protected,
                    $"one-time programmable memory at 0x{wanted.Range.Start + i:X8} holds something already, and {unit} bytes of it are written together, once",
                    new AddressRange((uint)(wanted.Range.Start + i), there.Length),
                    "write to a part of it that is still blank");
            }
        }

        return null;
    }
}
