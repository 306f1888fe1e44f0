using System.Buffers.Binary;
using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Transports;

namespace Defuse.Targets.Dfu;

/// <summary>Finds out what a DFU device is, from its descriptors and from what it lets be read.</summary>
internal static class DfuTargetOpener
{
    private static readonly TimeSpan DescriptorTimeout = TimeSpan.FromSeconds(5);

    public static async ValueTask<DfuTarget> OpenAsync(
        IUsbDevice device, string address, ChipDatabase chips, CancellationToken cancellationToken)
    {
        // The functional descriptor is taken from the configuration: asked for alone, the STM32C5's ROM never answers.
        var configuration = await ConfigurationAsync(device, cancellationToken).ConfigureAwait(false);
        var dfu = DfuInterface.Find(configuration.Span)
            ?? throw new DeviceRefusedException(
                "the device has no DFU interface",
                remedy: "start its bootloader first: BOOT0 high, then power on");
        if (dfu.Protocol != DfuInterface.DfuModeProtocol)
        {
            throw new DeviceRefusedException(
                "the device runs its program, which offers DFU only after a detach",
                remedy: "start its bootloader first: BOOT0 high, then power on");
        }

        var functional = dfu.Functional
            ?? throw new TransportException(TransportFailure.Protocol, "the configuration descriptor has no DFU functional descriptor");
        if (functional.TransferSize == 0)
        {
            throw new TransportException(TransportFailure.Protocol, "the DFU functional descriptor says that no byte can be transferred (wTransferSize 0)");
        }

        await device.ClaimInterfaceAsync(dfu.Number, cancellationToken).ConfigureAwait(false);
        var regions = await RegionsAsync(device, dfu, cancellationToken).ConfigureAwait(false);
        if (regions.IsEmpty)
        {
            throw new DeviceRefusedException(
                "the device speaks plain DFU, without the memory layout that DfuSe has",
                remedy: "this version flashes DfuSe devices only: ST's ROM bootloaders, and those that imitate them");
        }

        var current = dfu.AlternateSettings[0].Number;
        await device.SelectAlternateSettingAsync(dfu.Number, current, cancellationToken).ConfigureAwait(false);
        var requests = new DfuRequests(device, dfu.Number);
        var description = Describe(device.Info, address, functional, regions, chips);
        var target = DfuTarget.Create(device, requests, dfu.Number, current, description);
        await target.SettleAsync(cancellationToken).ConfigureAwait(false);
        if (description.Memory.Regions.Any(x => x.Kind == MemoryKind.OptionBytes))
        {
            description = await OptionByteEvidence.AddAsync(target, cancellationToken).ConfigureAwait(false);

            // The alternate setting that was selected for the look at the option bytes need not be the first any more.
            await device.SelectAlternateSettingAsync(dfu.Number, current, cancellationToken).ConfigureAwait(false);
            target = DfuTarget.Create(device, requests, dfu.Number, current, description);
        }

        return target;
    }

    private static TargetDescription Describe(
        UsbDeviceInfo info, string address, DfuFunctionalDescriptor functional, ImmutableArray<MemoryRegion> regions, ChipDatabase chips)
    {
        var candidates = chips.Identify(regions, info.DeviceRelease);
        return new TargetDescription
        {
            Name = info.Product ?? "DFU device",
            Address = address,
            Memory = new MemoryMap(regions),
            Candidates = candidates,
            BlockSize = functional.TransferSize,
            WriteUnit = WriteUnit(candidates, functional.TransferSize),
            IsReadable = functional.CanUpload,
            ErasedByte = candidates.Select(x => x.Chip.ErasedByte).FirstOrDefault((byte)0xFF),
            VendorId = info.VendorId,
            ProductId = info.ProductId,
            SerialNumber = info.SerialNumber,
        };
    }

    // Blocks follow each other at wTransferSize, so a program unit that does not divide it would be cut in two.
    private static int WriteUnit(ImmutableArray<ChipCandidate> candidates, int transferSize)
    {
        var unit = candidates.Select(x => x.Chip.WriteUnit).DefaultIfEmpty(TargetDescription.DefaultWriteUnit).Max();
        while (transferSize % unit != 0)
        {
            unit /= 2;
        }

        return unit;
    }

    private static async ValueTask<ImmutableArray<MemoryRegion>> RegionsAsync(
        IUsbDevice device, DfuInterface dfu, CancellationToken cancellationToken)
    {
        var regions = ImmutableArray.CreateBuilder<MemoryRegion>();
        foreach (var alternate in dfu.AlternateSettings.Where(x => x.NameIndex != 0).DistinctBy(x => x.Number))
        {
            try
            {
                var bytes = await DescriptorAsync(device, UsbStandardRequest.StringDescriptor, alternate.NameIndex, 255, cancellationToken).ConfigureAwait(false);
                if (MemoryLayoutString.TryParse(UsbString.Decode(bytes.Span), alternate.Number) is { } region)
                {
                    regions.Add(region);
                }
            }
            catch (TransportException e) when (e.Failure == TransportFailure.Stall)
            {
                // A memory without a name is one that cannot be used; the others can.
            }
        }

        return regions.ToImmutable();
    }

    private static async ValueTask<ReadOnlyMemory<byte>> ConfigurationAsync(IUsbDevice device, CancellationToken cancellationToken)
    {
        var head = await DescriptorAsync(device, UsbStandardRequest.ConfigurationDescriptor, 0, 9, cancellationToken).ConfigureAwait(false);
        if (head.Length < 9)
        {
            throw new TransportException(TransportFailure.Protocol, $"the configuration descriptor has {head.Length} bytes");
        }

        var total = BinaryPrimitives.ReadUInt16LittleEndian(head.Span[2..]);
        return await DescriptorAsync(device, UsbStandardRequest.ConfigurationDescriptor, 0, Math.Max(total, (ushort)9), cancellationToken).ConfigureAwait(false);
    }

    private static async ValueTask<ReadOnlyMemory<byte>> DescriptorAsync(
        IUsbDevice device, byte type, byte index, ushort length, CancellationToken cancellationToken)
    {
        const ushort EnglishUnitedStates = 0x0409;
        var language = type == UsbStandardRequest.StringDescriptor ? EnglishUnitedStates : (ushort)0;
        var buffer = new byte[length];
        var setup = new UsbSetupPacket(0x80, UsbStandardRequest.GetDescriptor, (ushort)((type << 8) | index), language, length);
        var count = await device.ControlInAsync(setup, buffer, DescriptorTimeout, cancellationToken).ConfigureAwait(false);
        return buffer.AsMemory(0, count);
    }
}
