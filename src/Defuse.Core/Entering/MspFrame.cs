using System.Collections.Immutable;

namespace Defuse.Entering;

/// <summary>A frame of the MultiWii Serial Protocol, version 1: $, M, direction, size, command, payload, the exclusive or of all from the size on.</summary>
/// <param name="Command">The command.</param>
/// <param name="Payload">At most 255 bytes.</param>
/// <param name="IsError">Whether the board says that it does not know the command (direction !).</param>
internal sealed record MspFrame(byte Command, ImmutableArray<byte> Payload, bool IsError = false)
{
    private const int Overhead = 6;

    /// <summary>A request to the board.</summary>
    public static byte[] Request(byte command, params ReadOnlySpan<byte> payload)
    {
        byte[] frame = [(byte)'$', (byte)'M', (byte)'<', checked((byte)payload.Length), command, .. payload, 0];
        frame[^1] = Checksum(frame.AsSpan(3..^1));
        return frame;
    }

    /// <summary>Takes the first whole answer off the front of what arrived; what is before it is noise.</summary>
    /// <param name="bytes">What arrived; shortened to what is still of use.</param>
    /// <returns>Null if there is none yet.</returns>
    public static MspFrame? Take(ref ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= Overhead)
        {
            var isAnswer = bytes[0] == '$' && bytes[1] == 'M' && bytes[2] is (byte)'>' or (byte)'!';
            if (!isAnswer)
            {
                bytes = bytes[1..];
                continue;
            }

            var length = Overhead + bytes[3];
            if (bytes.Length < length)
            {
                return null;
            }

            if (Checksum(bytes[3..(length - 1)]) != bytes[length - 1])
            {
                bytes = bytes[1..];
                continue;
            }

            var frame = new MspFrame(bytes[4], [.. bytes[5..(length - 1)]], IsError: bytes[2] == '!');
            bytes = bytes[length..];
            return frame;
        }

        return null;
    }

    private static byte Checksum(ReadOnlySpan<byte> bytes)
    {
        byte sum = 0;
        foreach (var value in bytes)
        {
            sum ^= value;
        }

        return sum;
    }
}
