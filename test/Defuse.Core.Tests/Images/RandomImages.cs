using Defuse.Images;

namespace Defuse.Core.Tests.Images;

/// <summary>Sparse images of every awkward kind, the same ones for the same seed.</summary>
internal static class RandomImages
{
    private static readonly long[] Landmarks = [0, 0x0800_0000, 0x0801_0000, 0x0802_0000, 0x9000_0000, 0xFFFF_0000, 0x1_0000_0000];

    public static FirmwareImage Sparse(Random random, int maxLength = 700)
    {
        var builder = new FirmwareImageBuilder();
        var taken = new List<AddressRange>();
        for (var i = random.Next(1, 9); i > 0; i--)
        {
            var length = random.Next(4) == 0 ? random.Next(1, 4) : random.Next(1, maxLength);
            var start = Landmarks[random.Next(Landmarks.Length)] + random.Next(-maxLength, maxLength);
            start = Math.Clamp(start, 0, AddressRange.AddressSpaceEnd - length);
            var range = new AddressRange((uint)start, length);
            if (taken.Any(range.Overlaps))
            {
                continue;
            }

            taken.Add(range);
            builder.Add(range.Start, Bytes(random, length));
        }

        return builder.Build();
    }

    public static byte[] Bytes(Random random, int length)
    {
        var bytes = new byte[length];
        random.NextBytes(bytes);
        return bytes;
    }

    /// <summary>Sixty-four bytes at each end of the address space.</summary>
    public static FirmwareImage BothEnds()
    {
        var random = new Random(64);
        var builder = new FirmwareImageBuilder();
        builder.Add(0, Bytes(random, 64));
        builder.Add(0xFFFF_FFC0, Bytes(random, 64));
        return builder.Build();
    }
}
