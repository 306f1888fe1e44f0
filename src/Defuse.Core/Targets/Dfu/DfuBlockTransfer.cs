namespace Defuse.Targets.Dfu;

/// <summary>A device's memory in blocks: how each is addressed, and what becomes of one that failed.</summary>
/// <remarks>
/// On devices that are not known, counting block numbers is tried before it is trusted. First where it cannot spoil
/// anything: two blocks that differ are read at their own addresses, and the second again by its number from the first one's.
/// Only then a block is written by its number, and read back at its own address. A device that puts it elsewhere, or cannot
/// be read, gets an address before every block.
/// </remarks>
internal sealed class DfuBlockTransfer(DfuSeProtocol protocol, DfuQuirks quirks, int blockSize, byte erasedByte, bool isReadable)
{
    private readonly DfuBlockNumbers _numbers = new(blockSize);
    private readonly byte[] _earlier = new byte[blockSize];
    private readonly byte[] _scratch = new byte[blockSize];
    private DfuTrust _reads = First(quirks, isReadable);
    private DfuTrust _writes = First(quirks, isReadable);
    private bool _hasReadBack = !quirks.ReadsBackFirst || !isReadable;

    // The address of the full block that was moved last in this run, whose bytes are in _earlier.
    private uint? _previous;

    // Which way blocks went since the pointer was set.
    private bool _isReading;

    /// <summary>
    /// A run begins. Where the run before it was read too, its numbers go on: the next sector, or one further on, needs no address
    /// of its own. What else came in between may have moved the pointer, and has to be told (<see cref="Forget"/>).
    /// </summary>
    public void Begin(bool isReading)
    {
        if (!isReading || !_isReading)
        {
            _numbers.Forget();
            _previous = null;
        }

        _isReading = isReading;
    }

    /// <summary>Something else was done with the device: where the pointer is, is not known.</summary>
    public void Forget() => _isReading = false;

    public async ValueTask WriteAsync(uint address, ReadOnlyMemory<byte> data)
    {
        if (_writes == DfuTrust.Untried && data.Length == blockSize && _previous is { } previous && previous + blockSize == address)
        {
            if (_reads == DfuTrust.Proven && !IsErased(data.Span))
            {
                await TryWritingAsync(previous, address, data).ConfigureAwait(false);
                Remember(address, data);
                return;
            }

            await WriteAtAsync(address, data).ConfigureAwait(false);
            await TryReadingAsync(previous, address, data).ConfigureAwait(false);
        }
        else if (_writes == DfuTrust.Proven && _numbers.Of(address, data.Length) is { } number)
        {
            await WriteAsync(number, address, data).ConfigureAwait(false);
        }
        else
        {
            await WriteAtAsync(address, data).ConfigureAwait(false);
        }

        Remember(address, data);
        if (!_hasReadBack)
        {
            await ReadBackFirstAsync(address, data).ConfigureAwait(false);
        }
    }

    public async ValueTask ReadAsync(uint address, Memory<byte> buffer)
    {
        if (_reads == DfuTrust.Proven && _numbers.Of(address, buffer.Length) is { } number)
        {
            await ReadAsync(number, address, buffer).ConfigureAwait(false);
            return;
        }

        await ReadAtAsync(address, buffer).ConfigureAwait(false);
        if (_reads == DfuTrust.Untried && buffer.Length == blockSize)
        {
            if (_previous is { } previous && previous + blockSize == address)
            {
                await TryReadingAsync(previous, address, buffer).ConfigureAwait(false);
            }

            Remember(address, buffer);
        }
    }

    private static DfuTrust First(DfuQuirks quirks, bool isReadable) =>
        quirks.HasProvenAddressing ? DfuTrust.Proven : isReadable ? DfuTrust.Untried : DfuTrust.Refused;

    private void Remember(uint address, ReadOnlyMemory<byte> data)
    {
        _previous = data.Length == blockSize && _writes == DfuTrust.Untried ? address : null;
        if (_previous is not null)
        {
            data.CopyTo(_earlier);
        }
    }

    private bool IsErased(ReadOnlySpan<byte> data) => !data.ContainsAnyExcept(erasedByte);

    // A block that had to be repeated got an address of its own, and says nothing of numbers any more.
    private bool IsPointerAt(uint previous, uint address) => _numbers.Of(address, blockSize) is not null && _numbers.Of(previous, blockSize) is null;

    // Says something only where a block that came from elsewhere would look different.
    private async ValueTask TryReadingAsync(uint previous, uint address, ReadOnlyMemory<byte> expected)
    {
        if (IsErased(expected.Span) || expected.Span.SequenceEqual(_earlier))
        {
            return;
        }

        await ReadAtAsync(previous, _scratch).ConfigureAwait(false);
        if (_scratch.AsSpan().SequenceEqual(_earlier))
        {
            await ReadAsync(DfuSeProtocol.FirstBlock + 1, address, _scratch).ConfigureAwait(false);
            if (IsPointerAt(previous, address))
            {
                _reads = _scratch.AsSpan().SequenceEqual(expected.Span) ? DfuTrust.Proven : DfuTrust.Refused;
            }
        }

        if (_reads == DfuTrust.Refused)
        {
            _writes = DfuTrust.Refused;
            _numbers.Forget();
        }
    }

    private async ValueTask TryWritingAsync(uint previous, uint address, ReadOnlyMemory<byte> data)
    {
        await PointToAsync(previous, forReading: false).ConfigureAwait(false);
        await WriteAsync(DfuSeProtocol.FirstBlock + 1, address, data).ConfigureAwait(false);
        if (!IsPointerAt(previous, address))
        {
            return;
        }

        await ReadAtAsync(address, _scratch).ConfigureAwait(false);
        _writes = _scratch.AsSpan().SequenceEqual(data.Span) ? DfuTrust.Proven : DfuTrust.Refused;
        _numbers.Forget();
        if (_writes == DfuTrust.Refused)
        {
            throw new DfuDistrustException(
                "the device put a block elsewhere than its number says",
                address,
                "until such devices are known, only a tool that sends an address with every block can program it (dfu-util); please report it, with what defuse capture says");
        }
    }

    private async ValueTask ReadBackFirstAsync(uint address, ReadOnlyMemory<byte> data)
    {
        const string Remedy =
            "its flash is probably read-out protected: this chip's ROM then confirms writes that never happen; removing the protection erases the whole chip";
        _hasReadBack = true;
        var found = _scratch.AsMemory(0, data.Length);
        try
        {
            await ReadAtAsync(address, found).ConfigureAwait(false);
        }
        catch (DfuException e)
        {
            throw new DfuDistrustException($"the device confirmed a block that it does not let be read back ({e.Message})", address, Remedy);
        }

        _numbers.Forget();
        if (!found.Span.SequenceEqual(data.Span))
        {
            throw new DfuDistrustException("the device confirmed a block that it did not write", address, Remedy);
        }
    }

    private async ValueTask WriteAtAsync(uint address, ReadOnlyMemory<byte> data)
    {
        await PointToAsync(address, forReading: false).ConfigureAwait(false);
        await WriteAsync(DfuSeProtocol.FirstBlock, address, data).ConfigureAwait(false);
    }

    // What became of a block whose transfer failed is not known. Flash with an error correction code must not be programmed
    // twice, so it is written again only where it reads as erased.
    private async ValueTask WriteAsync(int number, uint address, ReadOnlyMemory<byte> data)
    {
        for (var attempt = protocol.Retries.Begin(new DfuWork(DfuWorkKind.Write, data.Length).Budget); ;)
        {
            try
            {
                await protocol.WriteBlockAsync((ushort)number, data, address).ConfigureAwait(false);
                return;
            }
            catch (DefuseException e) when (isReadable && attempt.MayRepeat(e))
            {
                await attempt.PauseAsync().ConfigureAwait(false);
                var found = new byte[data.Length];
                await ReadAtAsync(address, found).ConfigureAwait(false);
                _numbers.Forget();
                if (found.AsSpan().SequenceEqual(data.Span))
                {
                    return;
                }

                if (!IsErased(found))
                {
                    throw;
                }

                await PointToAsync(address, forReading: false).ConfigureAwait(false);
                number = DfuSeProtocol.FirstBlock;
            }
        }
    }

    private async ValueTask ReadAtAsync(uint address, Memory<byte> buffer)
    {
        await PointToAsync(address, forReading: true).ConfigureAwait(false);
        await ReadAsync(DfuSeProtocol.FirstBlock, address, buffer).ConfigureAwait(false);
    }

    private async ValueTask ReadAsync(int number, uint address, Memory<byte> buffer)
    {
        for (var attempt = protocol.BeginRead(); ;)
        {
            try
            {
                await protocol.ReadBlockAsync((ushort)number, buffer, address).ConfigureAwait(false);
                return;
            }
            catch (DefuseException e) when (attempt.MayRepeat(e))
            {
                await attempt.PauseAsync().ConfigureAwait(false);
                await PointToAsync(address, forReading: true).ConfigureAwait(false);
                number = DfuSeProtocol.FirstBlock;
            }
        }
    }

    private async ValueTask PointToAsync(uint address, bool forReading)
    {
        _numbers.Forget();
        if (forReading)
        {
            await protocol.SetReadAddressAsync(address).ConfigureAwait(false);
        }
        else
        {
            await protocol.SetAddressPointerAsync(address).ConfigureAwait(false);
        }

        _numbers.PointTo(address);
    }
}
