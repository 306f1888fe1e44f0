using System.Buffers.Binary;

namespace Defuse.Simulator.Programs;

/// <summary>A MAVLink frame, version 1 or 2 (MAVLink's guide, "Packet Serialization").</summary>
/// <param name="System">The sender's system id.</param>
/// <param name="Component">The sender's component id.</param>
/// <param name="Message">The message's id.</param>
/// <param name="Payload">Its payload, with the zeros at its end that version 2 leaves out.</param>
internal sealed record MavLinkFrame(byte System, byte Component, uint Message, byte[] Payload)
{
    private const byte Version1 = 0xFE, Version2 = 0xFD;
    private const byte Signed = 1;
    private const int SignatureSize = 13;

    public const uint Heartbeat = 0, CommandLong = 76, CommandAck = 77;

    /// <summary>How long the payload of a message is, and the checksum of its definition; null for one that is not known here.</summary>
    public static (int Length, byte Extra)? DefinitionOf(uint message) => message switch
    {
        Heartbeat => (9, 50),
        CommandLong => (33, 152),
        CommandAck => (3, 143),
        _ => null,
    };

    /// <summary>Takes the next whole frame with a right checksum out of what came; what is none is thrown away.</summary>
    public static MavLinkFrame? Take(List<byte> bytes)
    {
        while (bytes.Count > 0)
        {
            var header = bytes[0] switch
            {
                Version1 => 6,
                Version2 => 10,
                _ => 0,
            };
            if (header == 0)
            {
                bytes.RemoveAt(0);
                continue;
            }

            if (bytes.Count < header)
            {
                return null;
            }

            var size = header + bytes[1] + 2;
            if (header == 10)
            {
                size += (bytes[2] & Signed) != 0 ? SignatureSize : 0;
            }

            if (bytes.Count < size)
            {
                return null;
            }

            if (Read(bytes.GetRange(0, size).ToArray(), header) is { } frame)
            {
                bytes.RemoveRange(0, size);
                return frame;
            }

            bytes.RemoveAt(0);
        }

        return null;
    }

    /// <summary>The frame in version 2.</summary>
    public byte[] ToBytes(byte sequence)
    {
        var payload = Payload.AsSpan();
        while (payload.Length > 1 && payload[^1] == 0)
        {
            payload = payload[..^1];
        }

        byte[] bytes =
        [
            Version2, (byte)payload.Length, 0, 0, sequence, System, Component,
            (byte)(Message & 0xFF), (byte)((Message >> 8) & 0xFF), (byte)((Message >> 16) & 0xFF), .. payload, 0, 0,
        ];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(bytes.Length - 2), Checksum(bytes.AsSpan(1, bytes.Length - 3), DefinitionOf(Message)!.Value.Extra));
        return bytes;
    }

    private static MavLinkFrame? Read(byte[] bytes, int header)
    {
        var isFirst = header == 6;
        var message = isFirst ? bytes[5] : (uint)(bytes[7] | (bytes[8] << 8) | (bytes[9] << 16));
        var end = header + bytes[1];
        if (DefinitionOf(message) is not var (length, extra)
            || BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(end)) != Checksum(bytes.AsSpan(1, end - 1), extra))
        {
            return null;
        }

        var payload = new byte[Math.Max(length, bytes[1])];
        bytes.AsSpan(header, bytes[1]).CopyTo(payload);
        return isFirst ? new(bytes[3], bytes[4], message, payload) : new(bytes[5], bytes[6], message, payload);
    }

    // CRC-16/MCRF4XX over all but the first byte, then over the definition's own.
    private static ushort Checksum(ReadOnlySpan<byte> bytes, byte extra)
    {
        ushort crc = 0xFFFF;
        foreach (var value in bytes)
        {
            crc = Add(crc, value);
        }

        return Add(crc, extra);

        static ushort Add(ushort crc, byte value)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (ushort)((crc & 1) != 0 ? (crc >> 1) ^ 0x8408 : crc >> 1);
            }

            return crc;
        }
    }
}
