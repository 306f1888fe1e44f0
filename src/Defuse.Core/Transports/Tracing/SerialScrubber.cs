using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;

namespace Defuse.Transports.Tracing;

/// <summary>Replaces serial numbers, and what they are made of, by numbers that tell nothing; the same ones by the same.</summary>
internal sealed class SerialScrubber
{
    // What is shorter tells no chip from another: GD32 and AT32 bootloaders have the like of "3CBJ" and "AT32".
    private const int ShortestSerial = 8;
    private const int UniqueIdSize = 12;

    private readonly Lock _gate = new();
    private readonly List<(string Serial, string Replacement, ushort[]? Words)> _known = [];

    /// <summary>Serial numbers that many devices have, so that they tell none from another, and stay.</summary>
    public ImmutableArray<string> Shared { get; set; } = [];

    /// <summary>Takes notice of a device's serial number.</summary>
    public void Learn(string? serial)
    {
        if (serial is not { Length: >= ShortestSerial } || Shared.Contains(serial, StringComparer.Ordinal))
        {
            return;
        }

        lock (_gate)
        {
            if (_known.TrueForAll(x => x.Serial != serial))
            {
                var replacement = (_known.Count + 1).ToString(CultureInfo.InvariantCulture).PadLeft(serial.Length, '0');
                if (replacement != serial)
                {
                    // The longest first: one may have been seen cut off before it was seen whole.
                    var longer = _known.TakeWhile(x => x.Serial.Length >= serial.Length).Count();
                    _known.Insert(longer, (serial, replacement, Words(serial)));
                }
            }
        }
    }

    /// <summary>A text without serial numbers.</summary>
    public string? Scrub(string? text)
    {
        lock (_gate)
        {
            return text is null ? null : _known.Aggregate(text, (x, known) => x.Replace(known.Serial, known.Replacement, StringComparison.OrdinalIgnoreCase));
        }
    }

    /// <summary>What a device answered, without serial numbers in string descriptors and unique identifiers in memory.</summary>
    public byte[] Scrub(UsbSetupPacket setup, ReadOnlySpan<byte> answer)
    {
        var bytes = answer.ToArray();
        lock (_gate)
        {
            foreach (var (serial, replacement, words) in _known)
            {
                if (setup.Kind == UsbRequestKind.Standard)
                {
                    // Most devices send UTF-16, some clones UTF-8.
                    Replace(bytes, Encoding.Unicode.GetBytes(serial), Encoding.Unicode.GetBytes(replacement));
                    Replace(bytes, Encoding.UTF8.GetBytes(serial), Encoding.UTF8.GetBytes(replacement));
                }
                else if (words is not null)
                {
                    BlankUniqueId(bytes, words);
                }
            }
        }

        return bytes;
    }

    private static void Replace(Span<byte> bytes, ReadOnlySpan<byte> old, ReadOnlySpan<byte> replacement)
    {
        for (var at = bytes.IndexOf(old); at >= 0; at = bytes.IndexOf(old))
        {
            replacement.CopyTo(bytes[at..]);
        }
    }

    private static ushort[]? Words(string serial)
    {
        if (serial.Length != UniqueIdSize)
        {
            return null;
        }

        var words = new ushort[3];
        for (var i = 0; i < words.Length; i++)
        {
            if (!ushort.TryParse(serial.AsSpan(4 * i, 4), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out words[i]))
            {
                return null;
            }
        }

        return words;
    }

    // Twelve bytes are the chip's identifier if the serial number can be made of them, by the sums that ROMs are known to make.
    private static void BlankUniqueId(Span<byte> bytes, ushort[] serial)
    {
        for (var at = 0; at + UniqueIdSize <= bytes.Length; at += 4)
        {
            var id = bytes.Slice(at, UniqueIdSize);
            if (Makes(id, id[8..], serial))
            {
                id.Clear();
            }

            // L0 and L1 have the third word 20 bytes behind the first.
            if (at + 24 <= bytes.Length && Makes(id, bytes[(at + 20)..], serial))
            {
                id[..8].Clear();
                bytes.Slice(at + 20, 4).Clear();
            }
        }
    }

    private static bool Makes(ReadOnlySpan<byte> head, ReadOnlySpan<byte> third, ushort[] serial)
    {
        var low = BinaryPrimitives.ReadUInt16LittleEndian(head) + BinaryPrimitives.ReadUInt16LittleEndian(third);
        var high = BinaryPrimitives.ReadUInt16LittleEndian(head[2..]) + BinaryPrimitives.ReadUInt16LittleEndian(third[2..]);
        var last = BinaryPrimitives.ReadUInt16LittleEndian(head[6..]);
        return unchecked((ushort)high) == serial[0]
            && (unchecked((ushort)low) == serial[1] || unchecked((ushort)(low + 0x0A)) == serial[1])
            && (last == serial[2] || BinaryPrimitives.ReadUInt16LittleEndian(third[2..]) == serial[2]);
    }
}
