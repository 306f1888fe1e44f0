using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Defuse.Entering;

/// <summary>A message of MAVLink 1 or 2 (mavlink.io: "Packet Serialization"), of those that are needed here.</summary>
/// <param name="Version">1 or 2.</param>
/// <param name="SystemId">Who sent it.</param>
/// <param name="ComponentId">Which part of it.</param>
/// <param name="Message">The message's number.</param>
/// <param name="Payload">As long as the message is defined; zeros that MAVLink 2 left out are there again.</param>
internal sealed record MavlinkFrame(int Version, byte SystemId, byte ComponentId, int Message, ImmutableArray<byte> Payload)
{
    public const int Heartbeat = 0;
    public const int CommandLong = 76;
    public const int CommandAcknowledgement = 77;

    private const byte Start1 = 0xFE;
    private const byte Start2 = 0xFD;
    private const int Header1 = 6;
    private const int Header2 = 10;
    private const int SignatureLength = 13;
    private const byte IsSigned = 1;

    /// <summary>The frame as it is sent.</summary>
    public byte[] Serialize(byte sequence)
    {
        var (extra, _, _) = Definition(Message) ?? throw new InvalidOperationException("This message is not one of those that are known here.");
        ReadOnlySpan<byte> payload = Payload.AsSpan();
        if (Version == 2)
        {
            payload = payload.TrimEnd((byte)0) is { Length: > 0 } trimmed ? trimmed : payload[..1];
        }

        var length = (byte)payload.Length;
        byte[] frame = Version == 2
            ? [Start2, length, 0, 0, sequence, SystemId, ComponentId, (byte)Message, (byte)(Message >> 8), (byte)(Message >> 16), .. payload, 0, 0]
            : [Start1, length, sequence, SystemId, ComponentId, (byte)Message, .. payload, 0, 0];
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(^2..), Checksum(frame.AsSpan(1..^2), extra));
        return frame;
    }

    /// <summary>Takes the first whole message that is known here off the front of what arrived; what is before it is left out.</summary>
    /// <param name="bytes">What arrived; shortened to what may still become a message.</param>
    /// <returns>Null if there is none yet.</returns>
    public static MavlinkFrame? Take(ref ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            if (bytes[0] is not (Start1 or Start2))
            {
                var next = bytes.IndexOfAny(Start1, Start2);
                bytes = next < 0 ? [] : bytes[next..];
                continue;
            }

            var header = bytes[0] == Start2 ? Header2 : Header1;
            if (bytes.Length < header)
            {
                return null;
            }

            var length = header + bytes[1] + 2;
            var whole = length + (header == Header2 && (bytes[2] & IsSigned) != 0 ? SignatureLength : 0);
            var message = header == Header2 ? bytes[7] | (bytes[8] << 8) | (bytes[9] << 16) : bytes[5];

            // The checksum of a message that is not known cannot be told: it is stepped through byte by byte.
            // Nor is one that is longer than its definition waited for: what looks like it was found inside another.
            if (Definition(message) is not { } definition || bytes[1] > definition.Length + (header == Header2 ? definition.Extensions : 0))
            {
                bytes = bytes[1..];
                continue;
            }

            if (bytes.Length < whole)
            {
                return null;
            }

            if (Checksum(bytes[1..(length - 2)], definition.Extra) != BinaryPrimitives.ReadUInt16LittleEndian(bytes[(length - 2)..]))
            {
                bytes = bytes[1..];
                continue;
            }

            var payload = new byte[Math.Max(definition.Length, bytes[1])];
            bytes[header..(length - 2)].CopyTo(payload);
            var source = header == Header2 ? 5 : 3;
            var frame = new MavlinkFrame(header == Header2 ? 2 : 1, bytes[source], bytes[source + 1], message, [.. payload]);
            bytes = bytes[whole..];
            return frame;
        }

        return null;
    }

    // CRC-16/MCRF4XX over all but the start, then over the message's CRC_EXTRA.
    private static ushort Checksum(ReadOnlySpan<byte> bytes, byte extra)
    {
        ushort crc = 0xFFFF;
        foreach (var value in bytes)
        {
            crc = Accumulate(crc, value);
        }

        return Accumulate(crc, extra);
    }

    private static ushort Accumulate(ushort crc, byte value)
    {
        var folded = (value ^ crc) & 0xFF;
        folded = (folded ^ (folded << 4)) & 0xFF;
        return (ushort)((crc >> 8) ^ (folded << 8) ^ (folded << 3) ^ (folded >> 4));
    }

    // CRC_EXTRA, the length of the payload without extensions, and that of the extensions (mavlink/common.xml).
    private static (byte Extra, int Length, int Extensions)? Definition(int message) => message switch
    {
        Heartbeat => (50, 9, 0),
        CommandLong => (152, 33, 0),
        CommandAcknowledgement => (143, 3, 7),
        _ => null,
    };
}
