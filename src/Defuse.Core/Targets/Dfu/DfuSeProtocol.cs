using System.Buffers.Binary;

namespace Defuse.Targets.Dfu;

/// <summary>ST's extension of DFU (AN3156, UM0424): commands in block 0, and data blocks that count from 2.</summary>
/// <remarks>
/// DNLOAD only stores; the GETSTATUS after it starts the work and answers dfuDNBUSY with the time to wait; the
/// GETSTATUS after the work answers dfuDNLOAD-IDLE, or dfuERROR with the reason.
/// </remarks>
internal sealed class DfuSeProtocol(DfuRequests requests)
{
    /// <summary>The block number that lies at the address pointer itself.</summary>
    public const ushort FirstBlock = 2;

    /// <summary>One past the last block number that is used before the pointer is set anew.</summary>
    public const int BlockLimit = 65_535;

    private const byte SetAddressPointer = 0x21;
    private const byte Erase = 0x41;
    private const byte ReadUnprotect = 0x92;

    private const int RecoveryAttempts = 5;
    private const int ToleratedStalls = 3;

    private const string Replug = "plug the board in again with BOOT0 high and run the same command again: it finishes the job";

    // What a device may take over one operation, however often it asks for more time. An F405 erases itself in up to
    // 32 s; a 256 KB sector takes up to 4 s (DS11532).
    private static readonly TimeSpan CommandBudget = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan WriteBudget = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EraseBudget = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan MassEraseBudget = TimeSpan.FromMinutes(5);

    // A device that reports 0 ms over and over is asked at most this often.
    private static readonly TimeSpan ShortestRepeatedPoll = TimeSpan.FromMilliseconds(1);

    private readonly byte[] _command = new byte[5];

    // Where the device is known to be; null after anything that did not end as it should.
    private DfuState? _state;

    /// <summary>The commands that the device says it has: 0x00, 0x21, 0x41 and, mostly, 0x92.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> GetCommandsAsync()
    {
        await SettleAsync().ConfigureAwait(false);
        _state = null;
        var buffer = new byte[16];
        var count = await requests.UploadAsync(0, buffer).ConfigureAwait(false);
        await SettleAsync().ConfigureAwait(false);
        return buffer.AsMemory(0, count);
    }

    public ValueTask SetAddressPointerAsync(uint address) =>
        CommandAsync(SetAddressPointer, address, "to set the address pointer", CommandBudget);

    public ValueTask EraseSectorAsync(uint address) => CommandAsync(Erase, address, "to erase a sector", EraseBudget);

    public ValueTask MassEraseAsync()
    {
        _command[0] = Erase;
        return DownloadAsync(0, _command.AsMemory(0, 1), "to erase the chip", null, MassEraseBudget);
    }

    public ValueTask WriteBlockAsync(ushort block, ReadOnlyMemory<byte> data, uint address) =>
        DownloadAsync(block, data, "to write a block", address, WriteBudget);

    /// <summary>Points the device at an address that the next upload reads from.</summary>
    public async ValueTask SetReadAddressAsync(uint address)
    {
        await SetAddressPointerAsync(address).ConfigureAwait(false);

        // The command ends in dfuDNLOAD-IDLE, and an upload is only taken from dfuIDLE.
        await AbortAsync().ConfigureAwait(false);
    }

    public async ValueTask ReadBlockAsync(ushort block, Memory<byte> buffer, uint address)
    {
        const string What = "to read a block";
        _state = null;
        int count;
        try
        {
            count = await requests.UploadAsync(block, buffer).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Stall)
        {
            throw await RefusalAsync(What, address).ConfigureAwait(false);
        }
        catch (TransportException e)
        {
            throw Lost(e, What, address);
        }

        if (count != buffer.Length)
        {
            throw new TransportException(
                TransportFailure.Protocol, $"the device sent {count} bytes of memory instead of {buffer.Length}", Replug, address);
        }

        _state = DfuState.UploadIdle;
    }

    /// <summary>Leaves the bootloader for the program at an address; the device may vanish before it answers.</summary>
    public async ValueTask<StartOutcome> LeaveAsync(uint address)
    {
        await SetAddressPointerAsync(address).ConfigureAwait(false);
        _state = null;
        DfuStatus status;
        try
        {
            await requests.DnloadAsync(0, default).ConfigureAwait(false);
            status = await requests.GetStatusAsync(DfuRequests.DataTimeout).ConfigureAwait(false);
        }
        catch (TransportException e)
        {
            return await LeftSilentlyAsync(e, address).ConfigureAwait(false);
        }

        return status.State is DfuState.Manifest or DfuState.ManifestSync or DfuState.ManifestWaitReset
            ? StartOutcome.Left
            : throw new DfuException("to start the program", status, address);
    }

    /// <summary>
    /// Removes read-out protection, which erases everything and resets the chip (AN3156, Read Unprotect). It cannot answer how
    /// that ended: it vanishes from the bus, mostly before it answers at all.
    /// </summary>
    /// <returns>Whether it left the bus; a bootloader that is none of ST's may do the work and stay.</returns>
    /// <exception cref="DfuException">It refused.</exception>
    public async ValueTask<bool> ReadUnprotectAsync()
    {
        const string What = "to remove the read-out protection";
        await SettleAsync().ConfigureAwait(false);
        _state = null;
        _command[0] = ReadUnprotect;
        var isFirst = true;
        try
        {
            await requests.DnloadAsync(0, _command.AsMemory(0, 1)).ConfigureAwait(false);
            var status = await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
            isFirst = false;
            if (status is { State: DfuState.DownloadBusy, Code: DfuStatusCode.Ok })
            {
                status = await WaitWhileBusyAsync(status, MassEraseBudget).ConfigureAwait(false);
                return status is { State: DfuState.DownloadIdle or DfuState.Idle, Code: DfuStatusCode.Ok } ? false : throw new DfuException(What, status, null);
            }

            throw new DfuException(What, status, null, wasNotBegun: true);
        }
        catch (TransportException e) when (isFirst && e.Failure == TransportFailure.Stall)
        {
            return await StallsForGoodAsync(What).ConfigureAwait(false);
        }
        catch (TransportException)
        {
            return true;
        }
    }

    /// <summary>Asks the device where it is and brings it to dfuIDLE from there (USB DFU 1.1, appendix A).</summary>
    /// <remarks>
    /// It asks with GETSTATE: a GETSTATUS would start what somebody stored and never started, an erase for instance.
    /// </remarks>
    public async ValueTask SettleAsync()
    {
        const string What = "to get ready";
        _state = null;
        DfuStatus status = default;
        for (var attempt = 0; attempt < RecoveryAttempts; attempt++)
        {
            status = await WhereAsync().ConfigureAwait(false);
            switch (status.State)
            {
                case DfuState.Idle:
                    _state = DfuState.Idle;
                    return;
                case DfuState.Error:
                    await requests.ClrStatusAsync().ConfigureAwait(false);
                    break;
                case DfuState.DownloadIdle or DfuState.UploadIdle or DfuState.DownloadSync or DfuState.ManifestSync:
                    await TryAbortAsync().ConfigureAwait(false);
                    break;
                case DfuState.DownloadBusy:
                    // Somebody's last operation still runs; what it was, nobody knows, so it gets the longest budget.
                    await WaitWhileBusyAsync(status, MassEraseBudget).ConfigureAwait(false);
                    break;
                default:
                    throw new DfuException(What, status, null);
            }
        }

        throw new DfuException(What, status, null);
    }

    // A device that stalls and then tells that it is in dfuERROR has refused; one that tells nothing is on its way out.
    private async ValueTask<bool> StallsForGoodAsync(string what)
    {
        DfuStatus status;
        try
        {
            status = await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
        }
        catch (TransportException)
        {
            return true;
        }

        return status.State == DfuState.Error ? throw new DfuException(what, status, null, wasNotBegun: true) : true;
    }

    private async ValueTask<DfuStatus> WhereAsync()
    {
        try
        {
            return new DfuStatus(DfuStatusCode.Ok, TimeSpan.Zero, await requests.GetStateAsync().ConfigureAwait(false));
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Stall)
        {
            return await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
        }
    }

    // Where a device does not take ABORT it goes to dfuERROR, from which the next round brings it back.
    private async ValueTask TryAbortAsync()
    {
        try
        {
            await requests.AbortAsync().ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Stall)
        {
        }
    }

    // A device that left cannot answer; one that still answers has stayed, whatever became of the request.
    private async ValueTask<StartOutcome> LeftSilentlyAsync(TransportException e, uint address)
    {
        if (e.Failure != TransportFailure.Disconnected)
        {
            DfuState state;
            try
            {
                state = await requests.GetStateAsync().ConfigureAwait(false);
            }
            catch (TransportException)
            {
                return StartOutcome.LeftWithoutAnswer;
            }

            throw new DfuException("to start the program", new DfuStatus(DfuStatusCode.Ok, TimeSpan.Zero, state), address);
        }

        return StartOutcome.LeftWithoutAnswer;
    }

    private async ValueTask AbortAsync()
    {
        _state = null;
        await requests.AbortAsync().ConfigureAwait(false);
        _state = DfuState.Idle;
    }

    private ValueTask CommandAsync(byte command, uint address, string what, TimeSpan budget)
    {
        _command[0] = command;
        BinaryPrimitives.WriteUInt32LittleEndian(_command.AsSpan(1), address);
        return DownloadAsync(0, _command, what, address, budget);
    }

    // A DNLOAD and the two GETSTATUS behind it: the first starts the work, the last one tells how it ended.
    private async ValueTask DownloadAsync(ushort block, ReadOnlyMemory<byte> data, string what, uint? address, TimeSpan budget)
    {
        DfuStatus status;
        try
        {
            if (_state == DfuState.UploadIdle)
            {
                await AbortAsync().ConfigureAwait(false);
            }
            else if (_state is not (DfuState.Idle or DfuState.DownloadIdle))
            {
                await SettleAsync().ConfigureAwait(false);
            }

            _state = null;
            await requests.DnloadAsync(block, data).ConfigureAwait(false);
            status = await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
            if (status is { State: DfuState.DownloadBusy, Code: DfuStatusCode.Ok })
            {
                status = await WaitWhileBusyAsync(status, budget).ConfigureAwait(false);
            }
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Stall)
        {
            throw await RefusalAsync(what, address).ConfigureAwait(false);
        }
        catch (TransportException e)
        {
            throw Lost(e, what, address);
        }

        if (status is not { State: DfuState.DownloadIdle, Code: DfuStatusCode.Ok })
        {
            throw new DfuException(what, status, address);
        }

        _state = DfuState.DownloadIdle;
    }

    // A STALL says only that something was refused; the status says what.
    private async ValueTask<DfuException> RefusalAsync(string what, uint? address)
    {
        try
        {
            return new DfuException(what, await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false), address);
        }
        catch (TransportException e)
        {
            throw Lost(e, what, address);
        }
    }

    private static TransportException Lost(TransportException e, string what, uint? address) =>
        new(e.Failure, $"{e.Message}, when it was asked {what}", e.Remedy ?? Replug, e.Address ?? address, e);

    private async ValueTask<DfuStatus> WaitWhileBusyAsync(DfuStatus status, TimeSpan budget)
    {
        var started = requests.Time.GetTimestamp();
        var stalls = 0;
        for (var polls = 0; status.State is DfuState.DownloadBusy or DfuState.DownloadSync; polls++)
        {
            var left = budget - requests.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                throw new TransportException(TransportFailure.Timeout, $"the device was still busy after {budget.TotalSeconds:0} s", Replug);
            }

            var wait = polls > 0 && status.PollTimeout < ShortestRepeatedPoll ? ShortestRepeatedPoll : status.PollTimeout;
            if (wait > TimeSpan.Zero)
            {
                await Task.Delay(wait < left ? wait : left, requests.Time, CancellationToken.None).ConfigureAwait(false);
            }

            try
            {
                status = await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
            }
            catch (TransportException e) when (e.Failure == TransportFailure.Stall && stalls++ < ToleratedStalls)
            {
                // An L4 refuses to be asked too early, and its poll time is too short: it gets the same time again.
            }
        }

        return status;
    }
}
