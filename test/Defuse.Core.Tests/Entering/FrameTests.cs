using Defuse.Entering;
using FsCheck;
using FsCheck.Fluent;

namespace Defuse.Core.Tests.Entering;

public class FrameTests
{
    // XOR of 0x01 0x44 0x01.
    [Fact]
    public void An_MSP_request_is_as_the_protocol_has_it() =>
        Assert.Equal([(byte)'$', (byte)'M', (byte)'<', 1, 68, 1, 0x44], MspFrame.Request(68, 1));

    // From mavlink.io's description and pymavlink: a heartbeat of a quadrotor, sequence 0, system 1, component 1.
    [Fact]
    public void A_MAVLink_checksum_is_the_X_25_one_with_the_extra_byte() =>
        Assert.Equal(Mcrf4xx([9, 0, 1, 1, 0, 0, 0, 0, 0, 2, 3, 81, 3, 3, 50]), Checksum(new MavlinkFrame(1, 1, 1, 0, [0, 0, 0, 0, 2, 3, 81, 3, 3]).Serialize(0)));

    [Fact]
    public void Whatever_arrives_makes_no_MSP_reader_fail_and_frames_behind_it_are_found() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll<byte[], byte[], byte>((noise, payload, command) =>
        {
            payload = payload.Take(255).ToArray();
            byte[] request = MspFrame.Request(command, payload);
            request[2] = (byte)'>';
            return Finds(MspFrame.Take, [.. noise.Select(x => x == '$' ? (byte)'%' : x)], request, x => x.Command == command && x.Payload.SequenceEqual(payload));
        }));

    [Fact]
    public void Whatever_arrives_makes_no_MAVLink_reader_fail_and_messages_behind_it_are_found() => Check.One(
        Config.QuickThrowOnFailure.WithMaxTest(300),
        Prop.ForAll<byte[], byte[], bool>((noise, bytes, isSecond) =>
        {
            var payload = bytes.Concat(new byte[9]).Take(9).ToArray();
            var frame = new MavlinkFrame(isSecond ? 2 : 1, 3, 4, MavlinkFrame.Heartbeat, [.. payload]);
            return Finds(MavlinkFrame.Take, [.. noise.Select(x => x >= 0xFD ? (byte)0 : x)], frame.Serialize(1), x => x.Payload.SequenceEqual(payload));
        }));

    // Inside another message, a byte that begins one and a zero where the number of HEARTBEAT stands.
    [Theory]
    [InlineData(new byte[] { 0xFE, 200, 0, 1, 1, 0 })]
    [InlineData(new byte[] { 0xFD, 200, 0, 0, 0, 1, 1, 0, 0, 0 })]
    public void What_looks_like_a_long_beginning_does_not_hold_up_the_message_behind_it(byte[] noise)
    {
        var beat = new MavlinkFrame(1, 1, 1, MavlinkFrame.Heartbeat, [0, 0, 0, 0, 2, 3, 81, 3, 3]);
        Assert.Equal(1, Assert.Single(new FrameBuffer<MavlinkFrame>(MavlinkFrame.Take).Add([.. noise, .. beat.Serialize(0)])).SystemId);
    }

    [Fact]
    public void An_acknowledgement_with_MAVLink_2s_extensions_is_read()
    {
        var answer = new MavlinkFrame(2, 1, 1, MavlinkFrame.CommandAcknowledgement, [246, 0, 3, 255, 0, 0, 0, 0, 255, 190]);
        Assert.Equal(3, Assert.Single(new FrameBuffer<MavlinkFrame>(MavlinkFrame.Take).Add(answer.Serialize(0))).Payload[2]);
    }

    [Fact]
    public void Garbage_full_of_beginnings_neither_hangs_nor_grows()
    {
        var random = new Random(1);
        for (var round = 0; round < 200; round++)
        {
            var msp = new FrameBuffer<MspFrame>(MspFrame.Take);
            var mavlink = new FrameBuffer<MavlinkFrame>(MavlinkFrame.Take);
            for (var part = 0; part < 50; part++)
            {
                var bytes = new byte[random.Next(64)];
                random.NextBytes(bytes);
                for (var i = 0; i + 3 < bytes.Length; i += random.Next(4, 12))
                {
                    (round % 2 == 0 ? "$M>"u8.ToArray() : [0xFD, 33, 1]).CopyTo(bytes, i);
                }

                msp.Add(bytes);
                mavlink.Add(bytes);
            }

            Assert.InRange(msp.Kept, 0, 6 + 255);
            Assert.InRange(mavlink.Kept, 0, 10 + 255 + 2 + 13);
        }
    }

    private static bool Finds<T>(FrameTaker<T> take, byte[] noise, byte[] frame, Func<T, bool> isMeant)
        where T : class
    {
        // In pieces of every size.
        byte[] all = [.. noise, .. frame];
        for (var size = 1; size <= 7; size += 3)
        {
            var buffer = new FrameBuffer<T>(take);
            if (all.Chunk(size).SelectMany(x => buffer.Add(x)).Count(isMeant) != 1)
            {
                return false;
            }
        }

        return true;
    }

    private static ushort Checksum(byte[] frame) => BitConverter.ToUInt16(frame.AsSpan(^2..));

    // Bit by bit: reflected polynomial 0x8408, from 0xFFFF.
    private static ushort Mcrf4xx(byte[] bytes)
    {
        var crc = 0xFFFF;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x8408 : crc >> 1;
            }
        }

        return (ushort)crc;
    }
}
