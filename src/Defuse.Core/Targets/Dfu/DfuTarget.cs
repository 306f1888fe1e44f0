using System.Runtime.CompilerServices;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Transports;

namespace Defuse.Targets.Dfu;

/// <summary>A device in USB DFU mode that speaks DfuSe: ST's ROM bootloaders and those that imitate them.</summary>
/// <remarks>One operation at a time; disposing closes the USB device.</remarks>
public sealed class DfuTarget : IMemoryTarget, IOptionBytes, IProtection, ITransferRepeats
{
    private static readonly TimeSpan LookInterval = TimeSpan.FromMilliseconds(100);

    // How long a board may take to come back: its flash is erased first, up to 32 s on an F405.
    private static readonly TimeSpan ReturnTimeout = TimeSpan.FromSeconds(90);

    private readonly IUsbHost? _host;
    private IUsbDevice _device;
    private DfuSeProtocol _protocol;
    private DfuBlockTransfer _blocks;
    private byte _interfaceNumber;
    private byte _alternateSetting;

    internal DfuTarget(
        IUsbDevice device, IUsbHost? host, DfuSeProtocol protocol, DfuQuirks quirks, byte interfaceNumber, byte alternateSetting, TargetDescription description)
    {
        _device = device;
        _host = host;
        _protocol = protocol;
        Quirks = quirks;
        _blocks = new DfuBlockTransfer(protocol, quirks, description.BlockSize, description.ErasedByte, description.IsReadable);
        _interfaceNumber = interfaceNumber;
        _alternateSetting = alternateSetting;
        Description = description;
    }

    /// <inheritdoc/>
    public TargetDescription Description { get; internal set; }

    /// <inheritdoc/>
    public TimeProvider Time => _device.Time;

    /// <summary>What is known of its quirks.</summary>
    internal DfuQuirks Quirks { get; private set; }

    /// <summary>The chips that it may be, should it have to be opened again.</summary>
    internal ChipDatabase Chips { get; init; } = ChipDatabase.Default;

    /// <summary>
    /// Whether a USB device shows an interface in DFU mode, or shows none because nobody has configured it yet and has the USB id
    /// of ST's ROM bootloaders. A device that a stock USB/IP server exports is unconfigured.
    /// </summary>
    public static bool IsDfu(UsbDeviceInfo device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return device.Interfaces.Any(DfuInterface.IsInDfuMode) || device is { Interfaces.IsEmpty: true, VendorId: 0x0483, ProductId: 0xDF11 };
    }

    /// <summary>Takes over an open USB device: reads what it is, and brings it to dfuIDLE.</summary>
    /// <param name="device">The device; closed when this fails, and when the target is disposed.</param>
    /// <param name="address">How the device was found, for people.</param>
    /// <param name="chips">The chips that it may be.</param>
    /// <param name="cancellationToken">Stops between requests.</param>
    /// <exception cref="TransportException">It does not answer, or its descriptors make no sense.</exception>
    /// <exception cref="DeviceRefusedException">It is no DfuSe device, or does not come to dfuIDLE.</exception>
    public static ValueTask<DfuTarget> OpenAsync(
        IUsbDevice device, string address, ChipDatabase chips, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(chips);
        return OpenAsync(device, host: null, address, chips, cancellationToken);
    }

    /// <summary>The same, with the host on which a device that left is looked for.</summary>
    internal static async ValueTask<DfuTarget> OpenAsync(
        IUsbDevice device, IUsbHost? host, string address, ChipDatabase chips, CancellationToken cancellationToken)
    {
        try
        {
            return await DfuTargetOpener.OpenAsync(device, host, address, chips, cancellationToken).ConfigureAwait(false) as DfuTarget
                ?? throw new DeviceRefusedException(
                    "the device speaks plain DFU, without the memory layout that DfuSe has",
                    remedy: "it takes one whole image: open it with DfuDevice");
        }
        catch
        {
            await device.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask EraseSectorAsync(uint address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await SelectAsync(address).ConfigureAwait(false);
        _blocks.Forget();
        var sector = Description.Memory.FindSector(address)?.Range ?? new AddressRange(address, 1);
        if (!await _protocol.EraseSectorAsync(address, sector.Length).ConfigureAwait(false))
        {
            await RequireErasedAsync(sector).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask EraseAllAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (Description.Memory.Flash is { } flash)
        {
            await SelectAsync(flash.Start).ConfigureAwait(false);
        }

        _blocks.Forget();
        if (!await _protocol.MassEraseAsync().ConfigureAwait(false))
        {
            foreach (var run in Description.Memory.Flash?.Runs ?? [])
            {
                await RequireErasedAsync(run.Range).ConfigureAwait(false);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(
        uint address, ReadOnlyMemory<byte> data, IProgress<AddressRange>? written, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (data.IsEmpty)
        {
            return;
        }

        foreach (var part in ByAlternateSetting(Description.Memory, new AddressRange(address, data.Length)))
        {
            await SelectAsync(part.Start).ConfigureAwait(false);
            _blocks.Begin(isReading: false);
            foreach (var block in DfuBlocks.Of(part, Description.BlockSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                await _blocks.WriteAsync(block.Start, data.Slice((int)(block.Start - address), (int)block.Length)).ConfigureAwait(false);
                written?.Report(block);
            }
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<MemoryBlock> ReadAsync(
        AddressRange range, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var buffer = new byte[(int)Math.Min(Description.BlockSize, range.Length)];
        foreach (var part in ByAlternateSetting(Description.Memory, range))
        {
            await SelectAsync(part.Start).ConfigureAwait(false);
            _blocks.Begin(isReading: true);
            foreach (var block in DfuBlocks.Of(part, Description.BlockSize))
            {
                cancellationToken.ThrowIfCancellationRequested();
                var bytes = buffer.AsMemory(0, (int)block.Length);
                await _blocks.ReadAsync(block.Start, bytes).ConfigureAwait(false);
                yield return new MemoryBlock(block.Start, bytes);
            }
        }
    }

    /// <inheritdoc/>
    public async ValueTask<OptionBytes> ReadOptionBytesAsync(CancellationToken cancellationToken)
    {
        var raw = await ReadOptionAreaAsync(cancellationToken).ConfigureAwait(false);
        var decoded = OptionDecoder.Decode(raw, Description, OptionTables.Shipped);
        return raw.IsEmpty ? decoded with { Remarks = ["its bootloader shows no option bytes"] } : decoded;
    }

    /// <inheritdoc/>
    public async ValueTask<StartOutcome> StartAsync(uint address, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await SelectAsync(address).ConfigureAwait(false);
        var outcome = await _protocol.LeaveAsync(address).ConfigureAwait(false);
        if (_host is not null && Quirks.ReturnsAfterLeave is { } time && await CameBackAsync(_host, time).ConfigureAwait(false))
        {
            throw new DeviceRefusedException(
                "the board left its bootloader and came back as the bootloader: while BOOT0 is high, this chip's ROM does not get to the program",
                address,
                "take BOOT0 low and power the board off and on")
            { HasLeft = true };
        }

        return outcome;
    }

    /// <inheritdoc/>
    public async ValueTask<bool> OffersRemovalAsync(CancellationToken cancellationToken)
    {
        var offers = true;
        try
        {
            var commands = await GetCommandsAsync(cancellationToken).ConfigureAwait(false);
            offers = commands.IsEmpty || commands.Span.Contains(DfuSeProtocol.ReadUnprotect);
        }
        catch (DefuseException e) when (e is not TransportException { Failure: TransportFailure.Disconnected })
        {
            // Not every bootloader lists its commands, and trying tells as well.
        }

        await SettleAsync(cancellationToken).ConfigureAwait(false);
        return offers;
    }

    /// <inheritdoc/>
    public async ValueTask RemoveReadOutProtectionAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var hasLeft = await _protocol.ReadUnprotectAsync().ConfigureAwait(false);
        if (hasLeft && _host is null)
        {
            throw new TransportException(TransportFailure.Disconnected, "the board left the bus, as it should", "plug it in again with BOOT0 high: its flash should be blank then");
        }

        var again = hasLeft
            ? await ReturnedAsync(_host!, cancellationToken).ConfigureAwait(false)
            : await DfuTargetOpener.OpenAsync(_device, _host, Description.Address, Chips, cancellationToken).ConfigureAwait(false) as DfuTarget ?? throw WithoutMemory();
        var left = _device;
        (_device, _protocol, _blocks, Quirks, _interfaceNumber, _alternateSetting, Description) =
            (again._device, again._protocol, again._blocks, again.Quirks, again._interfaceNumber, again._alternateSetting, again.Description);
        if (!ReferenceEquals(left, _device))
        {
            await left.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _blocks.Forget();
        await _protocol.SettleAsync().ConfigureAwait(false);
    }

    /// <summary>The DfuSe commands that the device says it has (AN3156, section 4: 0x00, 0x21, 0x41, 0x92).</summary>
    public async ValueTask<ReadOnlyMemory<byte>> GetCommandsAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _blocks.Forget();
        return await _protocol.GetCommandsAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _device.DisposeAsync();

    // A ROM may insist on its whole option area (AN2662 on the F105: 16 bytes), so each sector is read from its start.
    internal async ValueTask<FirmwareImage> ReadOptionAreaAsync(CancellationToken cancellationToken)
    {
        var image = new FirmwareImageBuilder();
        foreach (var region in Description.Memory.Regions.Where(x => x.Kind == MemoryKind.OptionBytes))
        {
            foreach (var sector in region.Runs.SelectMany(x => Description.Memory.SectorsIn(x.Range)))
            {
                await foreach (var block in ReadAsync(sector.Range, cancellationToken).ConfigureAwait(false))
                {
                    image.Add(block.Address, block.Data.Span);
                }
            }
        }

        await SettleAsync(cancellationToken).ConfigureAwait(false);
        return image.Build();
    }

    internal static IEnumerable<AddressRange> ByAlternateSetting(MemoryMap memory, AddressRange range)
    {
        var start = range.Start;
        byte? alternateSetting = null;
        foreach (var sector in memory.SectorsIn(range))
        {
            if (alternateSetting is { } earlier && earlier != sector.AlternateSetting)
            {
                yield return AddressRange.FromBounds(start, sector.Range.Start);
                start = sector.Range.Start;
            }

            alternateSetting = sector.AlternateSetting;
        }

        yield return AddressRange.FromBounds(start, range.End);
    }

    int ITransferRepeats.Take() => _protocol.Retries.Take();

    string? ITransferRepeats.Advice => _protocol.Retries.Advice;

    // The device was taken to be done: only what is read tells.
    private async ValueTask RequireErasedAsync(AddressRange range)
    {
        await foreach (var block in ReadAsync(range, CancellationToken.None).ConfigureAwait(false))
        {
            if (block.Data.Span.ContainsAnyExcept(Description.ErasedByte))
            {
                throw new DeviceRefusedException(
                    "the device stayed busy after it was asked to erase, and what it should have erased is still there",
                    block.Address,
                    "unplug the board, plug it in again and run the same command again: it finishes the job");
            }
        }
    }

    // A board that has not quite left can still be opened, and is gone before it has answered all.
    private async ValueTask<DfuTarget> ReturnedAsync(IUsbHost host, CancellationToken cancellationToken)
    {
        var started = Time.GetTimestamp();
        while (true)
        {
            IUsbDevice? device = null;
            try
            {
                var rest = ReturnTimeout - Time.GetElapsedTime(started);
                device = await UsbReenumeration.ReopenAsync(host, _device, IsDfu, rest, cancellationToken).ConfigureAwait(false);
                var target = await DfuTargetOpener.OpenAsync(device, host, Description.Address, Chips, cancellationToken).ConfigureAwait(false);
                return target as DfuTarget ?? throw WithoutMemory();
            }
            catch (TransportException e) when (device is null || Time.GetElapsedTime(started) >= ReturnTimeout)
            {
                await DisposeAsync(device).ConfigureAwait(false);
                throw new TransportException(e.Failure, e.Message, "plug it in again with BOOT0 high; defuse info then says whether it is blank and open", e.Address, e);
            }
            catch (TransportException)
            {
                await DisposeAsync(device).ConfigureAwait(false);
            }
            catch
            {
                await DisposeAsync(device).ConfigureAwait(false);
                throw;
            }
        }
    }

    private static ValueTask DisposeAsync(IUsbDevice? device) => device?.DisposeAsync() ?? default;

    private static DeviceRefusedException WithoutMemory() =>
        new("the board came back as a device without memory", remedy: "plug it in again with BOOT0 high");

    // Looked for, not opened: opening would plug a simulated board in again.
    private async ValueTask<bool> CameBackAsync(IUsbHost host, TimeSpan within)
    {
        var started = Time.GetTimestamp();
        while (Time.GetElapsedTime(started) < within)
        {
            await Task.Delay(LookInterval, Time, CancellationToken.None).ConfigureAwait(false);
            try
            {
                var devices = await host.ListAsync(CancellationToken.None).ConfigureAwait(false);
                if (devices.Any(x => string.Equals(x.Location, _device.Info.Location, StringComparison.Ordinal) && IsDfu(x)))
                {
                    return true;
                }
            }
            catch (TransportException)
            {
                // It is just coming, or going.
            }
        }

        return false;
    }

    // Each memory is an alternate setting of its own, and an address outside the selected one is refused (errTARGET).
    private async ValueTask SelectAsync(uint address)
    {
        var alternateSetting = Description.Memory.FindSector(address)?.AlternateSetting ?? _alternateSetting;
        if (alternateSetting != _alternateSetting)
        {
            _blocks.Forget();
            await _protocol.EnsureIdleAsync().ConfigureAwait(false);
            await _device.SelectAlternateSettingAsync(_interfaceNumber, alternateSetting, CancellationToken.None).ConfigureAwait(false);
            _alternateSetting = alternateSetting;
        }
    }
}
