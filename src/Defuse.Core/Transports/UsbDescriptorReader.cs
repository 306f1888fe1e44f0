using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Defuse.Transports;

/// <summary>Reads from a peripheral what a host learns while it enumerates it.</summary>
public static class UsbDescriptorReader
{
    /// <summary>The device as an enumerating host sees it.</summary>
    /// <param name="peripheral">The peripheral to ask.</param>
    /// <param name="location">Where it is plugged in.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TransportException">It does not answer, or not with descriptors.</exception>
    public static async ValueTask<UsbDeviceInfo> DescribeAsync(
        IUsbPeripheral peripheral, string location, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(peripheral);
        var device = await DescriptorAsync(peripheral, UsbStandardRequest.DeviceDescriptor, 0, 0, 18, cancellationToken).ConfigureAwait(false);
        if (device.Length < 18)
        {
            throw new TransportException(TransportFailure.Protocol, $"the device descriptor has {device.Length} bytes instead of 18");
        }

        var configuration = await ConfigurationAsync(peripheral, cancellationToken).ConfigureAwait(false);
        return new UsbDeviceInfo
        {
            Location = location,
            VendorId = BinaryPrimitives.ReadUInt16LittleEndian(device.Span[8..]),
            ProductId = BinaryPrimitives.ReadUInt16LittleEndian(device.Span[10..]),
            DeviceRelease = BinaryPrimitives.ReadUInt16LittleEndian(device.Span[12..]),
            Speed = peripheral.Speed,
            Interfaces = Interfaces(configuration.Span),
            Manufacturer = await StringAsync(peripheral, device.Span[14], cancellationToken).ConfigureAwait(false),
            Product = await StringAsync(peripheral, device.Span[15], cancellationToken).ConfigureAwait(false),
            SerialNumber = await StringAsync(peripheral, device.Span[16], cancellationToken).ConfigureAwait(false),
        };
    }

    // Asked for by its own length: hosts and hubs refuse control transfers of more than 4,096 bytes.
    internal static async ValueTask<ReadOnlyMemory<byte>> ConfigurationAsync(IUsbPeripheral peripheral, CancellationToken cancellationToken)
    {
        var head = await DescriptorAsync(peripheral, UsbStandardRequest.ConfigurationDescriptor, 0, 0, 9, cancellationToken).ConfigureAwait(false);
        return head.Length < 9
            ? head
            : await DescriptorAsync(
                peripheral,
                UsbStandardRequest.ConfigurationDescriptor,
                0,
                0,
                Math.Max((ushort)9, BinaryPrimitives.ReadUInt16LittleEndian(head.Span[2..])),
                cancellationToken).ConfigureAwait(false);
    }

    private static ImmutableArray<UsbInterfaceInfo> Interfaces(ReadOnlySpan<byte> configuration)
    {
        var found = ImmutableArray.CreateBuilder<UsbInterfaceInfo>();
        while (configuration.Length >= 2 && configuration[0] >= 2 && configuration[0] <= configuration.Length)
        {
            if (configuration[1] == UsbStandardRequest.InterfaceDescriptor && configuration[0] >= 9 && configuration[3] == 0)
            {
                found.Add(new UsbInterfaceInfo(configuration[5], configuration[6], configuration[7]));
            }

            configuration = configuration[configuration[0]..];
        }

        return found.ToImmutable();
    }

    private static async ValueTask<string?> StringAsync(IUsbPeripheral peripheral, byte index, CancellationToken cancellationToken)
    {
        if (index == 0)
        {
            return null;
        }

        var bytes = await DescriptorAsync(peripheral, UsbStandardRequest.StringDescriptor, index, 0x0409, 255, cancellationToken).ConfigureAwait(false);
        return UsbString.Decode(bytes.Span);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> DescriptorAsync(
        IUsbPeripheral peripheral, byte type, byte index, ushort language, ushort length, CancellationToken cancellationToken)
    {
        var setup = new UsbSetupPacket(0x80, UsbStandardRequest.GetDescriptor, (ushort)((type << 8) | index), language, length);
        var response = await peripheral.ControlAsync(setup, default, cancellationToken).ConfigureAwait(false);
        return response.Status switch
        {
            UsbControlStatus.Ack => response.Data,
            UsbControlStatus.Stall when type == UsbStandardRequest.StringDescriptor => default,
            UsbControlStatus.Stall => throw new TransportException(TransportFailure.Stall, $"the device refused to send descriptor {type}"),
            _ => throw new TransportException(TransportFailure.Disconnected, "the device left the bus"),
        };
    }
}
