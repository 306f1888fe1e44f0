using System.Buffers.Binary;

namespace Defuse.Formats;

/// <summary>Build attributes of ARM's compilers (Addenda to, and Errata in, the ABI for the Arm Architecture, section 3).</summary>
internal static class ElfAttributes
{
    private const uint FileTag = 1;
    private const uint CpuArchitecture = 6;
    private const uint Compatibility = 32;

    /// <summary>The Cortex-M architecture that the section names.</summary>
    public static string? Architecture(ReadOnlySpan<byte> section)
    {
        // A vendor's part: its length, its name, and subsections with a tag and a length each; ours is the file's, by "aeabi".
        if (section.IsEmpty || section[0] != 'A')
        {
            return null;
        }

        for (var rest = section[1..]; TryTake(ref rest, 0, out var vendor);)
        {
            if (vendor.StartsWith("aeabi\0"u8) && vendor.Length > 6 + 5 && vendor[6] == FileTag)
            {
                var subsection = vendor[7..];
                return TryTake(ref subsection, 1, out var attributes) ? Find(attributes) : null;
            }
        }

        return null;
    }

    // A length counts itself, and a subsection's counts the tag before it.
    private static bool TryTake(ref ReadOnlySpan<byte> rest, int counted, out ReadOnlySpan<byte> taken)
    {
        taken = default;
        if (rest.Length < 4)
        {
            return false;
        }

        var length = (long)BinaryPrimitives.ReadUInt32LittleEndian(rest) - counted;
        if (length < 4 || length > rest.Length)
        {
            return false;
        }

        taken = rest[4..(int)length];
        rest = rest[(int)length..];
        return true;
    }

    private static string? Find(ReadOnlySpan<byte> attributes)
    {
        while (TryReadNumber(ref attributes, out var tag))
        {
            if (tag == Compatibility && !TryReadNumber(ref attributes, out _))
            {
                return null;
            }

            if (tag is 4 or 5 || (tag >= Compatibility && (tag & 1) == 1) || tag == Compatibility)
            {
                var end = attributes.IndexOf((byte)0);
                if (end < 0)
                {
                    return null;
                }

                attributes = attributes[(end + 1)..];
                continue;
            }

            if (!TryReadNumber(ref attributes, out var value))
            {
                return null;
            }

            if (tag == CpuArchitecture)
            {
                return Name(value);
            }
        }

        return null;
    }

    private static string? Name(uint value) => value switch
    {
        10 => "ARMv7-M",
        11 or 12 => "ARMv6-M",
        13 => "ARMv7E-M",
        16 => "ARMv8-M Baseline",
        17 => "ARMv8-M Mainline",
        21 => "ARMv8.1-M Mainline",
        _ => null,
    };

    private static bool TryReadNumber(ref ReadOnlySpan<byte> bytes, out uint number)
    {
        number = 0;
        for (var i = 0; i < Math.Min(bytes.Length, 4); i++)
        {
            number |= (bytes[i] & 0x7Fu) << (7 * i);
            if (bytes[i] < 0x80)
            {
                bytes = bytes[(i + 1)..];
                return true;
            }
        }

        return false;
    }
}
