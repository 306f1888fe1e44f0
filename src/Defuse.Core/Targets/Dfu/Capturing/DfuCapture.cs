using System.Buffers.Binary;
using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Transports;
using Defuse.Transports.Tracing;

namespace Defuse.Targets.Dfu.Capturing;

/// <summary>Records how a bootloader behaves, for those who write a simulation of it; docs/faults.md says what.</summary>
public sealed class DfuCapture
{
    private const byte SetAddress = 0x21, Erase = 0x41, GetCommands = 0x00;
    private const int FirstBlock = 2;

    // No bootloader's memory: the vectors of a Cortex-M's own space.
    private const uint Nowhere = 0xE000_0000;

    private readonly CaptureWire _wire;
    private readonly CaptureOptions _options;
    private readonly DfuInterface _dfu;
    private readonly DfuFunctionalDescriptor _functional;
    private readonly ImmutableArray<MemoryRegion> _regions;

    private DfuCapture(CaptureWire wire, CaptureOptions options, DfuInterface dfu, DfuFunctionalDescriptor functional, ImmutableArray<MemoryRegion> regions)
    {
        _wire = wire;
        _options = options;
        _dfu = dfu;
        _functional = functional;
        _regions = regions;
    }

    /// <summary>Captures a bootloader's behaviour; what is not in the scratch range stays as it is.</summary>
    /// <param name="host">Where the device is plugged in.</param>
    /// <param name="location">Its <see cref="UsbDeviceInfo.Location"/>.</param>
    /// <param name="output">Takes JSON lines, one by one.</param>
    /// <param name="options">What is captured.</param>
    /// <param name="cancellationToken">Stops between sections.</param>
    /// <returns>How many transfers were recorded.</returns>
    /// <exception cref="TransportException">It cannot be opened, or left; what was recorded until then is whole.</exception>
    /// <exception cref="DeviceRefusedException">It offers no DFU mode, or the scratch range is not its flash memory.</exception>
    public static async ValueTask<int> RunAsync(
        IUsbHost host, string location, Stream output, CaptureOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(options);
        Exception? failed = null;
        using var trace = new UsbTrace(output, options.Program, e => failed = e) { SharedSerialNumbers = DfuDevice.SharedSerialNumbers };
        var device = await trace.Wrap(host).OpenAsync(location, cancellationToken).ConfigureAwait(false);
        int transfers;
        await using (device.ConfigureAwait(false))
        {
            transfers = await RunAsync(device, trace, options, cancellationToken).ConfigureAwait(false);
        }

        return failed is null ? transfers : throw new IOException(failed.Message, failed);
    }

    private static async ValueTask<int> RunAsync(IUsbDevice device, ITraceSink sink, CaptureOptions options, CancellationToken cancellationToken)
    {
        var standard = new CaptureWire(device, sink, 0, cancellationToken);
        options.Sections?.Report("descriptors");
        await standard.BeginAsync("descriptors").ConfigureAwait(false);
        var descriptor = await standard.DescriptorAsync(UsbStandardRequest.DeviceDescriptor, 0, 18).ConfigureAwait(false);
        var head = await standard.DescriptorAsync(UsbStandardRequest.ConfigurationDescriptor, 0, 9).ConfigureAwait(false);
        var total = head is { Length: 9 } ? BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(2)) : (ushort)255;
        var configuration = await standard.DescriptorAsync(UsbStandardRequest.ConfigurationDescriptor, 0, total).ConfigureAwait(false) ?? [];
        if (DfuInterface.Find(configuration) is not { Protocol: DfuInterface.DfuModeProtocol, Functional: { } functional } dfu)
        {
            throw new DeviceRefusedException("the device offers no DFU mode", remedy: "start its bootloader first: BOOT0 high, then power on");
        }

        var names = await StringsAsync(standard, descriptor, dfu).ConfigureAwait(false);
        var regions = dfu.AlternateSettings
            .Select(x => names.TryGetValue(x.NameIndex, out var name) ? MemoryLayoutString.TryParse(name, x.Number) : null)
            .OfType<MemoryRegion>()
            .ToImmutableArray();
        var scratch = options.Scratch is { } range ? ScratchSectors(regions, range) : [];
        await device.ClaimInterfaceAsync(dfu.Number, cancellationToken).ConfigureAwait(false);
        var wire = new CaptureWire(device, sink, dfu.Number, cancellationToken);
        var capture = new DfuCapture(wire, options, dfu, functional, regions);
        await capture.IdleAsync().ConfigureAwait(false);
        // Not bcdDFUVersion: a plain bootloader that announces 1.1a takes a command for its image, and writes it.
        if (!regions.IsEmpty)
        {
            await capture.CommandsAsync().ConfigureAwait(false);
            foreach (var region in regions)
            {
                await capture.MemoryAsync(region).ConfigureAwait(false);
            }

            await capture.AddressesAsync().ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var lost in AddressRange.Join(scratch.Select(x => x.Range)))
            {
                options.Erasing?.Report(lost);
            }

            foreach (var alike in scratch.GroupBy(x => x.Range.Length))
            {
                // One of each size tells all; the others are as good as blank, and show how erase times vary.
                await capture.ScratchAsync(alike.First()).ConfigureAwait(false);
                foreach (var sector in alike.Skip(1))
                {
                    await capture.EraseAsync(sector, $"scratch: {sector.Range.Length} bytes at 0x{sector.Range.Start:X8}: erase", early: false).ConfigureAwait(false);
                }
            }
        }

        // Last of all: a bootloader that never answers it may not answer anything afterwards.
        await capture.FunctionalDescriptorAsync().ConfigureAwait(false);
        await wire.SettleAsync().ConfigureAwait(false);
        return standard.Transfers + wire.Transfers;
    }

    private static async ValueTask<Dictionary<byte, string?>> StringsAsync(CaptureWire wire, byte[]? device, DfuInterface dfu)
    {
        const ushort English = 0x0409;
        const byte MicrosoftOs = 0xEE;
        await wire.DescriptorAsync(UsbStandardRequest.StringDescriptor, 0, 255).ConfigureAwait(false);
        var wanted = dfu.AlternateSettings.Select(x => x.NameIndex).Concat(device is { Length: 18 } ? device[14..17] : []).Where(x => x != 0).ToHashSet();
        var names = new Dictionary<byte, string?>();
        foreach (var index in wanted.Order())
        {
            var bytes = await wire.DescriptorAsync(UsbStandardRequest.StringDescriptor, index, 255, English).ConfigureAwait(false);
            names[index] = UsbString.Decode(bytes);
        }

        // One that nobody names, and the one that Windows asks for.
        await wire.DescriptorAsync(UsbStandardRequest.StringDescriptor, (byte)(wanted.DefaultIfEmpty().Max() + 1), 255, English).ConfigureAwait(false);
        await wire.DescriptorAsync(UsbStandardRequest.StringDescriptor, MicrosoftOs, 18).ConfigureAwait(false);
        const byte DeviceQualifier = 6;
        await wire.DescriptorAsync(DeviceQualifier, 0, 10).ConfigureAwait(false);
        return names;
    }

    // Every sector that is touched; all must be flash that can be erased and written.
    private static ImmutableArray<Sector> ScratchSectors(ImmutableArray<MemoryRegion> regions, AddressRange range)
    {
        const SectorAccess Needed = SectorAccess.Erasable | SectorAccess.Writable | SectorAccess.Readable;
        var map = new MemoryMap(regions);
        var sectors = map.SectorsIn(range).ToImmutableArray();
        return !sectors.IsEmpty && !map.Outside(range).Any() && sectors.All(x => (x.Access & Needed) == Needed && map.FindRegion(x.Range.Start)!.IsFlash)
            ? sectors
            : throw new DeviceRefusedException($"{range} is not all flash memory of this device: nothing was erased", range.Start, "name a range inside its flash memory; defuse info --device shows it");
    }

    private static byte[] Command(byte command, uint address)
    {
        var bytes = new byte[5];
        bytes[0] = command;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), address);
        return bytes;
    }

    private async ValueTask BeginAsync(string section)
    {
        _options.Sections?.Report(section);
        await _wire.BeginAsync(section).ConfigureAwait(false);
        await _wire.SettleAsync().ConfigureAwait(false);
    }

    private async ValueTask IdleAsync()
    {
        await BeginAsync("dfuIDLE: GETSTATUS, CLRSTATUS, ABORT").ConfigureAwait(false);
        await _wire.SelectAsync(_dfu.AlternateSettings[0].Number).ConfigureAwait(false);
        await _wire.StateAsync().ConfigureAwait(false);
        await _wire.StatusAsync().ConfigureAwait(false);
        await _wire.ClrStatusAsync().ConfigureAwait(false);
        await _wire.StatusAsync().ConfigureAwait(false);
        await _wire.SettleAsync().ConfigureAwait(false);
        await _wire.AbortAsync().ConfigureAwait(false);
        await _wire.StatusAsync().ConfigureAwait(false);
    }

    private async ValueTask CommandsAsync()
    {
        await BeginAsync("the commands: UPLOAD of block 0").ConfigureAwait(false);
        await _wire.UploadAsync(0, 16).ConfigureAwait(false);
        await _wire.StatusAsync().ConfigureAwait(false);
        await BeginAsync("the commands: DNLOAD of command 0x00").ConfigureAwait(false);
        await _wire.WorkAsync(0, new[] { GetCommands }).ConfigureAwait(false);
    }

    private async ValueTask MemoryAsync(MemoryRegion region)
    {
        var size = (int)Math.Min(_functional.TransferSize, region.ByteCount);
        await BeginAsync($"alternate setting {region.AlternateSetting}: the address pointer").ConfigureAwait(false);
        await _wire.SelectAsync(region.AlternateSetting).ConfigureAwait(false);
        await _wire.WorkAsync(0, Command(SetAddress, region.Start)).ConfigureAwait(false);
        await ReadAsync(region, "one block", [size]).ConfigureAwait(false);
        if (region.ByteCount > 4L * _functional.TransferSize)
        {
            await ReadAsync(region, "two blocks", [size, size]).ConfigureAwait(false);
            await ReadAsync(region, "four blocks", [size, size, size, size]).ConfigureAwait(false);
            await ReadAsync(region, "a short last block", [size, size / 2]).ConfigureAwait(false);
            await ReadAsync(region, "a short first block", [size / 2, size]).ConfigureAwait(false);
        }

        foreach (var length in new[] { 1, 2, 4, 16, 63, 64, 65, size - 1 }.Where(x => x > 0 && x < size).Distinct())
        {
            await ReadAsync(region, length == 1 ? "1 byte" : $"{length} bytes", [length]).ConfigureAwait(false);
        }

        var end = region.Runs[^1].Range.End;
        var last = (int)Math.Min(16, region.Runs[^1].Range.Length);
        await BeginAsync($"alternate setting {region.AlternateSetting}: beyond the end").ConfigureAwait(false);
        await PointAsync((uint)(end - last)).ConfigureAwait(false);
        await _wire.UploadAsync(FirstBlock, Math.Min(_functional.TransferSize, (ushort)(2 * last))).ConfigureAwait(false);
        await _wire.StatusAsync().ConfigureAwait(false);
        await _wire.SettleAsync().ConfigureAwait(false);
        await PointAsync((uint)(end - last)).ConfigureAwait(false);
        await _wire.UploadAsync(FirstBlock + 1, last).ConfigureAwait(false);
        await _wire.StatusAsync().ConfigureAwait(false);
    }

    private async ValueTask ReadAsync(MemoryRegion region, string what, int[] lengths)
    {
        await BeginAsync($"alternate setting {region.AlternateSetting}: reading {what}").ConfigureAwait(false);
        await PointAsync(region.Start).ConfigureAwait(false);
        for (var i = 0; i < lengths.Length; i++)
        {
            await _wire.UploadAsync(FirstBlock + i, lengths[i]).ConfigureAwait(false);
        }

        await _wire.StatusAsync().ConfigureAwait(false);
    }

    private async ValueTask PointAsync(uint address)
    {
        await _wire.WorkAsync(0, Command(SetAddress, address)).ConfigureAwait(false);
        await _wire.AbortAsync().ConfigureAwait(false);
    }

    private async ValueTask AddressesAsync()
    {
        var start = new MemoryMap(_regions).Flash?.Start ?? _regions.FirstOrDefault()?.Start ?? 0x0800_0000;
        await BeginAsync("an address that is in no memory").ConfigureAwait(false);
        await _wire.SelectAsync(_dfu.AlternateSettings[0].Number).ConfigureAwait(false);
        await _wire.WorkAsync(0, Command(SetAddress, Nowhere)).ConfigureAwait(false);
        await BeginAsync("an address that is in the memory of another alternate setting").ConfigureAwait(false);
        await _wire.WorkAsync(0, Command(SetAddress, _regions.LastOrDefault()?.Start ?? Nowhere)).ConfigureAwait(false);
        await BeginAsync("GETSTATUS at once, and again and again, whatever time it asks for").ConfigureAwait(false);
        if (await _wire.DnloadAsync(0, Command(SetAddress, start)).ConfigureAwait(false))
        {
            for (var i = 0; i < 4; i++)
            {
                await _wire.StatusAsync().ConfigureAwait(false);
            }
        }

        await BeginAsync("UPLOAD in dfuDNLOAD-IDLE").ConfigureAwait(false);
        await _wire.WorkAsync(0, Command(SetAddress, start)).ConfigureAwait(false);
        await _wire.UploadAsync(FirstBlock, 64).ConfigureAwait(false);
        await _wire.StatusAsync().ConfigureAwait(false);
        await BeginAsync("UPLOAD of block 1").ConfigureAwait(false);
        await _wire.UploadAsync(1, 64).ConfigureAwait(false);
        await _wire.StatusAsync().ConfigureAwait(false);
        await BeginAsync("UPLOAD of more than wTransferSize").ConfigureAwait(false);
        await PointAsync(start).ConfigureAwait(false);
        await _wire.UploadAsync(FirstBlock, Math.Min(4_096, _functional.TransferSize + 1)).ConfigureAwait(false);
        await _wire.StatusAsync().ConfigureAwait(false);
    }

    private async ValueTask ScratchAsync(Sector sector)
    {
        var name = $"scratch: {sector.Range.Length} bytes at 0x{sector.Range.Start:X8}";
        await EraseAsync(sector, $"{name}: erase", early: false).ConfigureAwait(false);
        await EraseAsync(sector, $"{name}: erase what is blank, asked early", early: true).ConfigureAwait(false);
        var address = sector.Range.Start;
        int[] lengths = [_functional.TransferSize, _functional.TransferSize, _functional.TransferSize / 2, 64, 32, 16, 8, 4, 1];
        for (var i = 0; i < lengths.Length && address + lengths[i] <= sector.Range.End; i++)
        {
            var early = i == 1;
            await WriteAsync(address, lengths[i], seed: i, $"{name}: write {lengths[i]} byte{(lengths[i] == 1 ? "" : "s")}{(early ? ", asked early" : "")}", early).ConfigureAwait(false);

            // Each on a program unit of its own, whatever its size is.
            address += (uint)Math.Max(lengths[i], 128);
        }

        await WriteAsync(sector.Range.Start, Math.Min(64, (int)_functional.TransferSize), seed: 77, $"{name}: write again what was not erased", early: false).ConfigureAwait(false);
        await EraseAsync(sector, $"{name}: erase in the end", early: false).ConfigureAwait(false);
    }

    private async ValueTask EraseAsync(Sector sector, string section, bool early)
    {
        await BeginAsync(section).ConfigureAwait(false);
        await _wire.SelectAsync(sector.AlternateSetting).ConfigureAwait(false);
        await _wire.WorkAsync(0, Command(Erase, sector.Range.Start), early).ConfigureAwait(false);
        await ReadBackAsync(sector.Range.Start).ConfigureAwait(false);
    }

    private async ValueTask WriteAsync(uint address, int length, int seed, string section, bool early)
    {
        await BeginAsync(section).ConfigureAwait(false);
        await _wire.WorkAsync(0, Command(SetAddress, address)).ConfigureAwait(false);
        var data = new byte[length];
        for (var i = 0; i < length; i++)
        {
            data[i] = (byte)(((i * 37) + seed + 1) & 0xFF);
        }

        await _wire.WorkAsync(FirstBlock, data, early).ConfigureAwait(false);
        await ReadBackAsync(address).ConfigureAwait(false);
    }

    private async ValueTask ReadBackAsync(uint address)
    {
        await _wire.SettleAsync().ConfigureAwait(false);
        await PointAsync(address).ConfigureAwait(false);
        await _wire.UploadAsync(FirstBlock, 64).ConfigureAwait(false);
    }

    private async ValueTask FunctionalDescriptorAsync()
    {
        await BeginAsync("the functional descriptor, asked for alone").ConfigureAwait(false);
        var soon = TimeSpan.FromMilliseconds(500);
        await _wire.InAsync(0x80, UsbStandardRequest.GetDescriptor, DfuFunctionalDescriptor.DescriptorType << 8, 0, 9, soon).ConfigureAwait(false);
        await _wire.InAsync(0x81, UsbStandardRequest.GetDescriptor, DfuFunctionalDescriptor.DescriptorType << 8, _dfu.Number, 9, soon).ConfigureAwait(false);
    }
}
