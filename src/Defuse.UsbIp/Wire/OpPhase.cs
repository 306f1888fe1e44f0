using System.Collections.Immutable;

namespace Defuse.UsbIp.Wire;

/// <summary>The messages of a connection's first phase, both ways: OP_REQ_DEVLIST, OP_REQ_IMPORT and their replies.</summary>
internal static class OpPhase
{
    /// <summary>No machine has as many ports; a larger number is no list of devices.</summary>
    public const int MaxDevices = 1024;

    public static ReadOnlyMemory<byte> ReqDevlist()
    {
        var bytes = new byte[OpCommon.Size];
        OpCommon.Current(OpCode.ReqDevlist).Write(bytes);
        return bytes;
    }

    public static ReadOnlyMemory<byte> ReqImport(string busId)
    {
        var bytes = new byte[OpCommon.Size + UsbDeviceRecord.BusIdSize];
        OpCommon.Current(OpCode.ReqImport).Write(bytes);
        new WireWriter(bytes.AsSpan(OpCommon.Size)).WriteText(busId, UsbDeviceRecord.BusIdSize);
        return bytes;
    }

    public static ReadOnlyMemory<byte> RepDevlist(IReadOnlyCollection<ExportedDevice> devices)
    {
        var bytes = new byte[OpCommon.Size + sizeof(uint) + devices.Sum(x => x.Size)];
        OpCommon.Current(OpCode.RepDevlist).Write(bytes);
        new WireWriter(bytes.AsSpan(OpCommon.Size)).WriteUInt32((uint)devices.Count);
        var offset = OpCommon.Size + sizeof(uint);
        foreach (var device in devices)
        {
            device.Write(bytes.AsSpan(offset));
            offset += device.Size;
        }

        return bytes;
    }

    public static ReadOnlyMemory<byte> RepImport(UsbDeviceRecord device)
    {
        var bytes = new byte[OpCommon.Size + UsbDeviceRecord.Size];
        OpCommon.Current(OpCode.RepImport).Write(bytes);
        device.Write(bytes.AsSpan(OpCommon.Size));
        return bytes;
    }

    public static ReadOnlyMemory<byte> RepImport(OpStatus refusal)
    {
        var bytes = new byte[OpCommon.Size];
        OpCommon.Current(OpCode.RepImport, refusal).Write(bytes);
        return bytes;
    }

    /// <summary>The request that a connection to a server begins with: null for OP_REQ_DEVLIST, else the bus id of OP_REQ_IMPORT.</summary>
    public static async ValueTask<string?> ReadRequestAsync(Stream stream, CancellationToken cancellationToken)
    {
        var common = await ReadCommonAsync(stream, cancellationToken).ConfigureAwait(false);
        if (common.Code == OpCode.ReqDevlist)
        {
            return null;
        }

        if (common.Code != OpCode.ReqImport)
        {
            throw new TransportException(TransportFailure.Protocol, $"a USB/IP client asked for operation 0x{(ushort)common.Code:X4}, which there is none of");
        }

        var busId = new byte[UsbDeviceRecord.BusIdSize];
        await stream.ReadExactlyAsync(busId, cancellationToken).ConfigureAwait(false);
        return new WireReader(busId).ReadText(busId.Length);
    }

    public static async ValueTask<ImmutableArray<ExportedDevice>> ReadRepDevlistAsync(Stream stream, CancellationToken cancellationToken)
    {
        var status = await ReadReplyAsync(stream, OpCode.RepDevlist, cancellationToken).ConfigureAwait(false);
        if (status != OpStatus.Ok)
        {
            throw new TransportException(TransportFailure.Fault, $"the USB/IP server refused to list its devices (status {(uint)status})");
        }

        var number = new byte[sizeof(uint)];
        await stream.ReadExactlyAsync(number, cancellationToken).ConfigureAwait(false);
        var count = new WireReader(number).ReadLength(MaxDevices, "the number of exported devices");
        var devices = ImmutableArray.CreateBuilder<ExportedDevice>();
        var bytes = new byte[Math.Max(UsbDeviceRecord.Size, ExportedDevice.InterfacesSize(byte.MaxValue))];
        for (var i = 0; i < count; i++)
        {
            await stream.ReadExactlyAsync(bytes.AsMemory(0, UsbDeviceRecord.Size), cancellationToken).ConfigureAwait(false);
            var record = UsbDeviceRecord.Read(bytes);
            var size = ExportedDevice.InterfacesSize(record.NumInterfaces);
            await stream.ReadExactlyAsync(bytes.AsMemory(0, size), cancellationToken).ConfigureAwait(false);
            devices.Add(new ExportedDevice(record, ExportedDevice.ReadInterfaces(bytes, record.NumInterfaces)));
        }

        return devices.ToImmutable();
    }

    /// <summary>The device that was imported, or why it was not.</summary>
    public static async ValueTask<(OpStatus Status, UsbDeviceRecord? Device)> ReadRepImportAsync(Stream stream, CancellationToken cancellationToken)
    {
        var status = await ReadReplyAsync(stream, OpCode.RepImport, cancellationToken).ConfigureAwait(false);
        if (status != OpStatus.Ok)
        {
            return (status, null);
        }

        var bytes = new byte[UsbDeviceRecord.Size];
        await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        return (status, UsbDeviceRecord.Read(bytes));
    }

    private static async ValueTask<OpStatus> ReadReplyAsync(Stream stream, OpCode expected, CancellationToken cancellationToken)
    {
        var common = await ReadCommonAsync(stream, cancellationToken).ConfigureAwait(false);
        return common.Code == expected
            ? common.Status
            : throw new TransportException(TransportFailure.Protocol, $"the USB/IP server answered with operation 0x{(ushort)common.Code:X4} instead of 0x{(ushort)expected:X4}");
    }

    private static async ValueTask<OpCommon> ReadCommonAsync(Stream stream, CancellationToken cancellationToken)
    {
        var bytes = new byte[OpCommon.Size];
        await stream.ReadExactlyAsync(bytes, cancellationToken).ConfigureAwait(false);
        var common = OpCommon.Read(bytes);
        return common.Version == OpCommon.CurrentVersion
            ? common
            : throw new TransportException(
                TransportFailure.Protocol,
                $"the other side speaks USB/IP version 0x{common.Version:X4} instead of 0x{OpCommon.CurrentVersion:X4}, or no USB/IP at all");
    }
}
