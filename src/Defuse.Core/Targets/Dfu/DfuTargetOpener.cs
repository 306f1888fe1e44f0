using System.Buffers.Binary;
using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Transports;

namespace Defuse.Targets.Dfu;

/// <summary>Finds out what a DFU device is, from its descriptors and from what it lets be read.</summary>
internal static class DfuTargetOpener
{
    private static readonly TimeSpan DescriptorTimeout = TimeSpan.FromSeconds(5);

    public static async ValueTask<ITarget> OpenAsync(
        IUsbDevice device, IUsbHost? host, string address, ChipDatabase chips, CancellationToken cancellationToken)
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
        var names = await NamesAsync(device, dfu, cancellationToken).ConfigureAwait(false);
        var traits = DfuTraits.Of(device.Info) with { Layouts = [.. names.Select(x => x.Name)] };
        var quirks = DfuQuirks.Of(traits);
        var serial = quirks.SerialNumber(device.Info.SerialNumber);
        ImmutableArray<MemoryRegion> regions =
            [.. names.Select(x => MemoryLayoutString.TryParse(x.Name, x.AlternateSetting)).OfType<MemoryRegion>().Select(x => quirks.Corrected(x, serial))];
        if (regions.IsEmpty)
        {
            return await PlainAsync(device, address, dfu, functional, names, quirks, cancellationToken).ConfigureAwait(false);
        }

        var current = dfu.AlternateSettings[0].Number;
        await device.SelectAlternateSettingAsync(dfu.Number, current, cancellationToken).ConfigureAwait(false);
        var description = Describe(device.Info, serial, address, functional, regions, chips);
        quirks = DfuQuirks.Of(traits with { Chips = [.. description.Candidates.Select(x => x.Chip.Id)] });
        var protocol = new DfuSeProtocol(new DfuRequests(device, dfu.Number), quirks);
        var target = new DfuTarget(device, host, protocol, quirks, dfu.Number, current, description) { Chips = chips };
        await target.SettleAsync(cancellationToken).ConfigureAwait(false);
        if (description.Memory.Regions.Any(x => x.Kind == MemoryKind.OptionBytes))
        {
            target.Description = await OptionByteEvidence.AddAsync(target, cancellationToken).ConfigureAwait(false);
        }

        target.Description = await BankSizeEvidence.AddAsync(target, cancellationToken).ConfigureAwait(false);
        return target;
    }

    /// <summary>Has a device that runs its program leave it for DFU mode, where it can do so by itself.</summary>
    /// <returns>Whether it was told to.</returns>
    public static async ValueTask<bool> DetachAsync(IUsbDevice device, CancellationToken cancellationToken)
    {
        if (!DfuDevice.RunsProgram(device.Info))
        {
            return false;
        }

        var configuration = await ConfigurationAsync(device, cancellationToken).ConfigureAwait(false);
        if (DfuInterface.Find(configuration.Span) is not { Protocol: DfuInterface.RunTimeProtocol } dfu)
        {
            return false;
        }

        if (dfu.Functional is not { WillDetach: true } functional)
        {
            throw new DeviceRefusedException(
                "the device runs its program, and would enter DFU only after a bus reset, which this version cannot give it",
                remedy: "start its bootloader by its button or jumper");
        }

        await device.ClaimInterfaceAsync(dfu.Number, cancellationToken).ConfigureAwait(false);
        try
        {
            await new DfuRequests(device, dfu.Number).DetachAsync(functional.DetachTimeout).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure is TransportFailure.Disconnected or TransportFailure.Stall or TransportFailure.Timeout)
        {
            // It may be gone before it answers; whether it went, its coming back tells.
        }

        return true;
    }

    // Some bootloaders without addresses say that they are DfuSe (bcdDFUVersion 1.1a; Maple), so the names decide.
    private static async ValueTask<ITarget> PlainAsync(
        IUsbDevice device,
        string address,
        DfuInterface dfu,
        DfuFunctionalDescriptor functional,
        ImmutableArray<(byte AlternateSetting, string Name)> names,
        DfuQuirks quirks,
        CancellationToken cancellationToken)
    {
        if (names.FirstOrDefault(x => x.Name.StartsWith('@')) is { Name: { } name })
        {
            throw new DeviceRefusedException(
                $"the memory layout that the device announces cannot be understood: {name}",
                remedy: "please report it, with the device's name and this text");
        }

        if (!functional.CanDownload)
        {
            throw new DeviceRefusedException("the device takes no firmware over DFU (bitCanDnload is 0)", remedy: "see what its maker offers instead");
        }

        var info = device.Info;
        var description = new TargetDescription
        {
            Name = info.Product ?? "DFU device",
            Address = address,
            Memory = new MemoryMap([]),
            Slots = [.. names.Select(x => new ImageSlot(x.AlternateSetting, x.Name, ImageSlot.AddressIn(x.Name)))],
            BlockSize = functional.TransferSize,
            IsReadable = false,
            VendorId = info.VendorId,
            ProductId = info.ProductId,
            SerialNumber = info.SerialNumber,
        };
        var sink = new DfuImageSink(device, new DfuRequests(device, dfu.Number), quirks, functional, dfu.Number, description);
        await sink.SettleAsync(cancellationToken).ConfigureAwait(false);
        return sink;
    }

    private static TargetDescription Describe(
        UsbDeviceInfo info, string? serial, string address, DfuFunctionalDescriptor functional, ImmutableArray<MemoryRegion> regions, ChipDatabase chips)
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
            FlashSize = FlashSize.Of(new MemoryMap(regions), candidates),
            IsReadable = functional.CanUpload,
            ErasedByte = candidates.Select(x => x.Chip.ErasedByte).FirstOrDefault((byte)0xFF),
            VendorId = info.VendorId,
            ProductId = info.ProductId,
            SerialNumber = serial,
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

    // A memory without a name is one that cannot be used; the others can.
    internal static async ValueTask<ImmutableArray<(byte AlternateSetting, string Name)>> NamesAsync(
        IUsbDevice device, DfuInterface dfu, CancellationToken cancellationToken)
    {
        var names = ImmutableArray.CreateBuilder<(byte, string)>();
        foreach (var alternate in dfu.AlternateSettings.DistinctBy(x => x.Number))
        {
            var name = "";
            try
            {
                if (alternate.NameIndex != 0)
                {
                    var bytes = await DescriptorAsync(device, UsbStandardRequest.StringDescriptor, alternate.NameIndex, 255, cancellationToken).ConfigureAwait(false);
                    name = UsbString.Decode(bytes.Span) ?? "";
                }
            }
            catch (TransportException e) when (e.Failure == TransportFailure.Stall)
            {
                name = "";
            }

            names.Add((alternate.Number, name));
        }

        return names.ToImmutable();
    }

    internal static async ValueTask<ReadOnlyMemory<byte>> ConfigurationAsync(IUsbDevice device, CancellationToken cancellationToken)
    {
        var head = await DescriptorAsync(device, UsbStandardRequest.ConfigurationDescriptor, 0, 9, cancellationToken).ConfigureAwait(false);
        if (head.Length < 9)
        {
            throw new TransportException(TransportFailure.Protocol, $"the configuration descriptor has {head.Length} bytes");
        }

        var total = BinaryPrimitives.ReadUInt16LittleEndian(head.Span[2..]);
        return await DescriptorAsync(device, UsbStandardRequest.ConfigurationDescriptor, 0, Math.Max(total, (ushort)9), cancellationToken).ConfigureAwait(false);
    }

    internal static async ValueTask<ReadOnlyMemory<byte>> DescriptorAsync(
        IUsbDevice device, byte type, byte index, ushort length, CancellationToken cancellationToken)
    {
        const ushort EnglishUnitedStates = 0x0409;
        var language = type == UsbStandardRequest.StringDescriptor ? EnglishUnitedStates : (ushort)0;
        var buffer = new byte[length];
        var setup = new UsbSetupPacket(0x80, UsbStandardRequest.GetDescriptor, (ushort)((type << 8) | index), language, length);
        for (var attempt = new DfuRetries(device.Time, DfuQuirks.None, null).Begin(DescriptorTimeout); ;)
        {
            try
            {
                var count = await device.ControlInAsync(setup, buffer, DescriptorTimeout, cancellationToken).ConfigureAwait(false);
                return buffer.AsMemory(0, count);
            }
            catch (TransportException e) when (attempt.MayRepeat(e))
            {
                await attempt.PauseAsync().ConfigureAwait(false);
            }
        }
    }
}
