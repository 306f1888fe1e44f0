using System.Text;
using Defuse.Transports;
using Defuse.UsbIp.Wire;

namespace Defuse.UsbIp.Tests;

/// <summary>Messages against bytes written out by hand from the protocol's text.</summary>
public sealed class WireTests
{
    private static readonly byte[] DfuRecord =
    [
        .. Padded("/sys/devices/pci0000:00/usb1/1-1", 256),
        .. Padded("1-1", 32),
        0, 0, 0, 1, // busnum
        0, 0, 0, 5, // devnum
        0, 0, 0, 2, // speed: full
        0x04, 0x83, 0xDF, 0x11, 0x22, 0x00, // idVendor, idProduct, bcdDevice
        0, 0, 0, // class
        1, 1, 1, // bConfigurationValue, bNumConfigurations, bNumInterfaces
    ];

    [Fact]
    public void Requests_of_the_first_phase_have_the_documented_bytes()
    {
        Assert.Equal((byte[])[0x01, 0x11, 0x80, 0x05, 0, 0, 0, 0], OpPhase.ReqDevlist().ToArray());
        Assert.Equal((byte[])[0x01, 0x11, 0x80, 0x03, 0, 0, 0, 0, .. Padded("1-1", 32)], OpPhase.ReqImport("1-1").ToArray());
    }

    [Fact]
    public void Replies_of_the_first_phase_have_the_documented_bytes()
    {
        var device = new ExportedDevice(ScriptedServer.Record, [new UsbInterfaceInfo(0xFE, 1, 2)]);
        Assert.Equal(
            (byte[])[0x01, 0x11, 0, 5, 0, 0, 0, 0, 0, 0, 0, 1, .. DfuRecord, 0xFE, 1, 2, 0], OpPhase.RepDevlist([device]).ToArray());
        Assert.Equal((byte[])[0x01, 0x11, 0, 3, 0, 0, 0, 0, .. DfuRecord], OpPhase.RepImport(ScriptedServer.Record).ToArray());
        Assert.Equal(320, OpPhase.RepImport(ScriptedServer.Record).Length);
        Assert.Equal((byte[])[0x01, 0x11, 0, 3, 0, 0, 0, 2], OpPhase.RepImport(OpStatus.DeviceBusy).ToArray());
    }

    [Fact]
    public void A_device_record_is_read_as_documented() => Assert.Equal(ScriptedServer.Record, UsbDeviceRecord.Read(DfuRecord));

    [Fact]
    public void Devid_joins_bus_and_device_number()
    {
        Assert.Equal(0x0001_0005u, ScriptedServer.Record.DevId);
        Assert.Equal(0xFFFF_0001u, (ScriptedServer.Record with { BusNum = 0xABCDFFFF, DevNum = 1 }).DevId);
    }

    [Fact]
    public void Commands_have_the_documented_bytes()
    {
        // DFU DNLOAD of block 2, 4 bytes.
        byte[] submit =
        [
            0, 0, 0, 1, 0, 0, 0, 7, 0, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0x21, 1, 2, 0, 0, 0, 4, 0,
            0xDE, 0xAD, 0xBE, 0xEF,
        ];
        var setup = new UsbSetupPacket(0x21, 1, 2, 0, 4);
        Assert.Equal(submit, new CmdSubmit(7, 0x10005, false, 0, 4, setup).ToBytes([0xDE, 0xAD, 0xBE, 0xEF]));

        // DFU GETSTATUS.
        byte[] getStatus =
        [
            0, 0, 0, 1, 0, 0, 0, 8, 0, 1, 0, 5, 0, 0, 0, 1, 0, 0, 0, 0,
            0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            0xA1, 3, 0, 0, 0, 0, 6, 0,
        ];
        Assert.Equal(getStatus, new CmdSubmit(8, 0x10005, true, 0, 6, new UsbSetupPacket(0xA1, 3, 0, 0, 6)).ToBytes());

        byte[] unlink = [0, 0, 0, 2, 0, 0, 0, 9, 0, 1, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 8, .. new byte[24]];
        Assert.Equal(unlink, new CmdUnlink(9, 0x10005, 8).ToBytes());
    }

    [Fact]
    public void Replies_to_commands_have_the_documented_bytes()
    {
        byte[] submit =
        [
            0, 0, 0, 3, 0, 0, 0, 8, .. new byte[12],
            0, 0, 0, 0, 0, 0, 0, 6, .. new byte[20],
            0, 5, 0, 0, 2, 0,
        ];
        Assert.Equal(submit, new RetSubmit(8, 0, 6).ToBytes([0, 5, 0, 0, 2, 0]));
        byte[] stall = [0, 0, 0, 3, 0, 0, 0, 8, .. new byte[12], 0xFF, 0xFF, 0xFF, 0xE0, .. new byte[24]];
        Assert.Equal(stall, new RetSubmit(8, -32, 0).ToBytes());
        byte[] unlink = [0, 0, 0, 4, 0, 0, 0, 9, .. new byte[12], 0xFF, 0xFF, 0xFF, 0x98, .. new byte[24]];
        Assert.Equal(unlink, new RetUnlink(9, -104).ToBytes());
    }

    [Fact]
    public void What_the_protocols_text_wants_in_number_of_packets_is_taken()
    {
        var bytes = new CmdSubmit(1, 2, true, 0, 6, default).ToBytes();
        bytes.AsSpan(32, 4).Fill(0xFF);
        Assert.Equal(new CmdSubmit(1, 2, true, 0, 6, default), UrbMessage.Read(bytes));
    }

    [Fact]
    public void Every_message_survives_a_round_trip()
    {
        var random = new Random(3240);
        for (var i = 0; i < 2000; i++)
        {
            var setup = new UsbSetupPacket((byte)random.Next(256), (byte)random.Next(256), Half(), Half(), Half());
            UrbMessage[] messages =
            [
                new CmdSubmit(Word(), Word(), random.Next(2) == 0, (uint)random.Next(16), random.Next(CmdSubmit.MaxTransferBufferLength + 1), setup),
                new CmdUnlink(Word(), Word(), Word()),
                new RetSubmit(Word(), unchecked((int)Word()), random.Next(65536)),
                new RetUnlink(Word(), unchecked((int)Word())),
            ];
            Assert.All(messages, x => Assert.Equal(x, UrbMessage.Read(x.ToBytes())));

            var common = new OpCommon(Half(), (OpCode)Half(), (OpStatus)Word());
            var bytes = new byte[OpCommon.Size];
            common.Write(bytes);
            Assert.Equal(common, OpCommon.Read(bytes));

            var record = new UsbDeviceRecord
            {
                Path = Text(255),
                BusId = Text(31),
                BusNum = Word(),
                DevNum = Word(),
                Speed = (UsbSpeed)random.Next(7),
                VendorId = Half(),
                ProductId = Half(),
                DeviceRelease = Half(),
                DeviceClass = (byte)random.Next(256),
                DeviceSubClass = (byte)random.Next(256),
                DeviceProtocol = (byte)random.Next(256),
                ConfigurationValue = (byte)random.Next(256),
                NumConfigurations = (byte)random.Next(256),
                NumInterfaces = (byte)random.Next(256),
            };
            bytes = new byte[UsbDeviceRecord.Size];
            record.Write(bytes);
            Assert.Equal(record, UsbDeviceRecord.Read(bytes));
        }

        uint Word() => unchecked((uint)random.NextInt64());
        ushort Half() => unchecked((ushort)random.Next());
        string Text(int length) => string.Concat(Enumerable.Range(0, random.Next(length + 1)).Select(_ => (char)random.Next(0x20, 0x7F)));
    }

    [Fact]
    public void A_truncated_message_is_a_typed_error()
    {
        UrbMessage[] messages = [new CmdSubmit(1, 2, true, 0, 6, default), new CmdUnlink(1, 2, 3), new RetSubmit(1, 0, 0), new RetUnlink(1, 0)];
        foreach (var bytes in messages.Select(x => x.ToBytes()))
        {
            for (var length = 0; length < 24; length++)
            {
                Assert.Equal(TransportFailure.Protocol, Assert.Throws<TransportException>(() => UrbMessage.Read(bytes.AsSpan(0, length))).Failure);
            }
        }

        Assert.Throws<TransportException>(() => UsbDeviceRecord.Read(DfuRecord.AsSpan(0, 311)));
    }

    [Theory]
    [InlineData(0, 5)] // command
    [InlineData(12, 2)] // direction
    [InlineData(16, 16)] // ep
    [InlineData(24, int.MaxValue)] // transfer_buffer_length
    [InlineData(24, -1)]
    [InlineData(32, 1)] // number_of_packets
    public void A_command_that_makes_no_sense_is_a_typed_error(int offset, int value)
    {
        var bytes = new CmdSubmit(1, 2, true, 0, 6, default).ToBytes();
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(offset), value);
        Assert.Equal(TransportFailure.Protocol, Assert.Throws<TransportException>(() => UrbMessage.Read(bytes)).Failure);
    }

    [Fact]
    public void Text_from_a_peer_cannot_steer_a_terminal()
    {
        var bytes = (byte[])DfuRecord.Clone();
        Encoding.Latin1.GetBytes("\u001b[2J\u00e9").CopyTo(bytes, 256);
        Assert.Equal("?[2J?", UsbDeviceRecord.Read(bytes).BusId);
    }

    [Fact]
    public void A_bus_id_that_does_not_fit_is_misuse() => Assert.Throws<ArgumentException>(() => OpPhase.ReqImport(new string('1', 32)));

    private static byte[] Padded(string text, int size)
    {
        var bytes = new byte[size];
        Encoding.ASCII.GetBytes(text).CopyTo(bytes, 0);
        return bytes;
    }
}
