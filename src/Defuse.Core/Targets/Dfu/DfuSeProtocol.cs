using System.Buffers.Binary;

namespace Defuse.Targets.Dfu;

/// <summary>ST's extension of DFU (AN3156, UM0424): commands in block 0, and data blocks that count from 2.</summary>
/// <remarks>
/// DNLOAD only stores; the GETSTATUS after it starts the work and answers dfuDNBUSY with the time to wait; the
/// GETSTATUS after the work answers dfuDNLOAD-IDLE, or dfuERROR with the reason.
/// </remarks>
internal sealed class DfuSeProtocol(DfuRequests requests, DfuQuirks quirks)
{
    /// <summary>The block number that lies at the address pointer itself.</summary>
    public const ushort FirstBlock = 2;

    /// <summary>One past the last block number that is used before the pointer is set anew.</summary>
    public const int BlockLimit = 65_535;

    private const byte SetAddressPointer = 0x21;
    private const byte Erase = 0x41;
    internal const byte ReadUnprotect = 0x92;

    private const int RecoveryAttempts = 5;
    private const int ToleratedStalls = 3;

    private const string Replug = "plug the board in again with BOOT0 high and run the same command again: it finishes the job";

    // Such requests take milliseconds; the time is for those that get no answer.
    private static readonly TimeSpan ShortBudget = 2.5 * DfuRequests.DataTimeout;

    private readonly DfuPolling _polling = new(quirks.PollsAsReported);
    private readonly byte[] _command = new byte[5];

    // Where the device is known to be; null after anything that did not end as it should.
    private DfuState? _state;

    // It stayed busy for longer than its work may take: it is not waited for that long a second time.
    private bool _isStuck;

    /// <summary>The transfers that were repeated.</summary>
    public DfuRetries Retries { get; } = new(requests.Time, quirks, () => requests.Pace = quirks.RetryPause);

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

    public async ValueTask SetAddressPointerAsync(uint address) =>
        await CommandAsync(Command(SetAddressPointer, address), "to set the address pointer", address, new(DfuWorkKind.Command, 0)).ConfigureAwait(false);

    /// <summary>Erases a sector.</summary>
    /// <returns>False if the device never said that it is done, and was only taken to be: it is to be looked at.</returns>
    public ValueTask<bool> EraseSectorAsync(uint address, long size) =>
        CommandAsync(Command(Erase, address), "to erase a sector", address, new(DfuWorkKind.Erase, size));

    /// <summary>Erases all of the main flash.</summary>
    /// <returns>False if the device never said that it is done, and was only taken to be: it is to be looked at.</returns>
    public ValueTask<bool> MassEraseAsync() =>
        CommandAsync(Command(Erase, 0)[..1], "to erase the chip", null, new(DfuWorkKind.MassErase, 0));

    /// <summary>Writes a block, once: whether it may be repeated depends on what the first try left.</summary>
    public async ValueTask WriteBlockAsync(ushort block, ReadOnlyMemory<byte> data, uint address) =>
        await DownloadAsync(block, data, DfuException.Write, address, new(DfuWorkKind.Write, data.Length)).ConfigureAwait(false);

    /// <summary>Points the device at an address that the next upload reads from.</summary>
    public async ValueTask SetReadAddressAsync(uint address)
    {
        await SetAddressPointerAsync(address).ConfigureAwait(false);

        // The command ends in dfuDNLOAD-IDLE, and an upload is only taken from dfuIDLE.
        await AbortAsync().ConfigureAwait(false);
    }

    /// <summary>Reads a block, once.</summary>
    public async ValueTask ReadBlockAsync(ushort block, Memory<byte> buffer, uint address)
    {
        const string What = "to read a block";
        _state = null;
        int count;
        try
        {
            count = await requests.UploadAsync(block, buffer).ConfigureAwait(false);
        }
        catch (TransportException e)
        {
            throw await ReasonAsync(e, What, address).ConfigureAwait(false);
        }

        if (count != buffer.Length)
        {
            throw new TransportException(
                TransportFailure.Protocol, $"the device sent {count} bytes of memory instead of {buffer.Length}", Replug, address);
        }

        _state = DfuState.UploadIdle;
    }

    /// <summary>Begins to read a block that may be repeated.</summary>
    public DfuRetries.Attempt BeginRead() => Retries.Begin(ShortBudget);

    /// <summary>Leaves the bootloader for the program at an address; the device may vanish before it answers.</summary>
    public async ValueTask<StartOutcome> LeaveAsync(uint address)
    {
        const string What = "to start the program";
        await SetAddressPointerAsync(address).ConfigureAwait(false);
        _state = null;
        var attempt = Retries.Begin(ShortBudget);
        for (var state = DfuState.DownloadIdle; ;)
        {
            try
            {
                if (state != DfuState.ManifestSync)
                {
                    await requests.DnloadAsync(0, default).ConfigureAwait(false);
                }

                var status = await requests.GetStatusAsync(DfuRequests.DataTimeout).ConfigureAwait(false);
                return status.State is DfuState.Manifest or DfuState.ManifestSync or DfuState.ManifestWaitReset
                    ? StartOutcome.Left
                    : throw new DfuException(What, status, address);
            }
            catch (DefuseException e) when (e is TransportException || attempt.MayRepeat(e))
            {
                // A device that left cannot answer; one that still answers has stayed, whatever became of the request.
                if (e is TransportException { Failure: TransportFailure.Disconnected } || await TryGetStateAsync().ConfigureAwait(false) is not { } found)
                {
                    return StartOutcome.LeftWithoutAnswer;
                }

                if (!attempt.MayRepeat(e) || found is not (DfuState.DownloadIdle or DfuState.Idle or DfuState.ManifestSync))
                {
                    throw new DfuException(What, new DfuStatus(DfuStatusCode.Ok, TimeSpan.Zero, found), address);
                }

                state = found;
                await attempt.PauseAsync().ConfigureAwait(false);
            }
        }
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
                status = await WaitWhileBusyAsync(status, new(DfuWorkKind.MassErase, 0)).ConfigureAwait(false);
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
    /// CLRSTATUS is sent in dfuERROR only: the STM32C5's ROM stalls it anywhere else.
    /// </remarks>
    public async ValueTask SettleAsync()
    {
        const string What = "to get ready";
        _state = null;
        DfuStatus status = default;
        var attempt = Retries.Begin(ShortBudget);
        for (var round = 0; round < RecoveryAttempts; round++)
        {
            try
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
                        await WaitWhileBusyAsync(status, _isStuck ? new(DfuWorkKind.Command, -1) : DfuWork.Unknown).ConfigureAwait(false);
                        break;
                    default:
                        throw new DfuException(What, status, null);
                }
            }
            catch (TransportException e) when (attempt.MayRepeat(e))
            {
                await attempt.PauseAsync().ConfigureAwait(false);
            }
        }

        throw new DfuException(What, status, null);
    }

    /// <summary>Brings the device to dfuIDLE, without a question where it is known to be.</summary>
    public ValueTask EnsureIdleAsync() => _state switch
    {
        DfuState.Idle => ValueTask.CompletedTask,
        DfuState.UploadIdle or DfuState.DownloadIdle => AbortAsync(),
        _ => SettleAsync(),
    };

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

    private async ValueTask<DfuState?> TryGetStateAsync()
    {
        try
        {
            return await requests.GetStateAsync().ConfigureAwait(false);
        }
        catch (TransportException)
        {
            return null;
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

    private async ValueTask AbortAsync()
    {
        _state = null;
        var attempt = Retries.Begin(ShortBudget);
        try
        {
            await requests.AbortAsync().ConfigureAwait(false);
            _state = DfuState.Idle;
        }
        catch (TransportException e) when (attempt.MayRepeat(e))
        {
            await attempt.PauseAsync().ConfigureAwait(false);
            await SettleAsync().ConfigureAwait(false);
        }
    }

    private ReadOnlyMemory<byte> Command(byte command, uint address)
    {
        _command[0] = command;
        BinaryPrimitives.WriteUInt32LittleEndian(_command.AsSpan(1), address);
        return _command;
    }

    // Commands may be repeated: what they do once they do twice.
    private async ValueTask<bool> CommandAsync(ReadOnlyMemory<byte> command, string what, uint? address, DfuWork work)
    {
        for (var attempt = Retries.Begin(work.Budget); ;)
        {
            try
            {
                return await DownloadAsync(0, command, what, address, work).ConfigureAwait(false);
            }
            catch (DefuseException e) when (attempt.MayRepeat(e))
            {
                await attempt.PauseAsync().ConfigureAwait(false);
            }
        }
    }

    // A DNLOAD and the GETSTATUS behind it: the first starts the work, the last one tells how it ended.
    private async ValueTask<bool> DownloadAsync(ushort block, ReadOnlyMemory<byte> data, string what, uint? address, DfuWork work)
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
            status = await GetStatusAsync(work).ConfigureAwait(false);
            if (status is { State: DfuState.DownloadBusy, Code: DfuStatusCode.Ok })
            {
                status = await WaitWhileBusyAsync(status, work).ConfigureAwait(false);
            }
        }
        catch (TransportException e)
        {
            throw await ReasonAsync(e, what, address).ConfigureAwait(false);
        }

        if (status is not { State: DfuState.DownloadIdle or DfuState.Idle, Code: DfuStatusCode.Ok })
        {
            throw Refusal(what, status, address, work);
        }

        _state = status.State;
        return status.State == DfuState.DownloadIdle;
    }

    // Asked again, it does nothing again: work that has begun goes on.
    private async ValueTask<DfuStatus> GetStatusAsync(DfuWork work)
    {
        for (var attempt = Retries.Begin(ShortBudget); ;)
        {
            try
            {
                return await requests.GetStatusAsync(AnswerTime(work)).ConfigureAwait(false);
            }
            catch (TransportException e) when (attempt.MayRepeat(e))
            {
                await attempt.PauseAsync().ConfigureAwait(false);
            }
        }
    }

    private TimeSpan AnswerTime(DfuWork work) =>
        work.Kind == DfuWorkKind.MassErase && quirks.MassEraseTime > DfuRequests.WorkTimeout ? quirks.MassEraseTime : DfuRequests.WorkTimeout;

    // A STALL says only that something was refused; the status says what, or else nothing did.
    private async ValueTask<DefuseException> ReasonAsync(TransportException e, string what, uint? address)
    {
        if (e.Failure == TransportFailure.Stall)
        {
            try
            {
                var status = await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
                if (IsReason(status))
                {
                    return new DfuException(what, status, address);
                }
            }
            catch (TransportException again) when (again.Failure != TransportFailure.Disconnected)
            {
            }
            catch (TransportException gone)
            {
                e = gone;
            }
        }

        return Lost(e, what, address);
    }

    private static bool IsReason(DfuStatus status) =>
        status.State is DfuState.AppIdle or DfuState.AppDetach || status.Code is not (DfuStatusCode.Ok or DfuStatusCode.StalledPacket);

    private DefuseException Refusal(string what, DfuStatus status, uint? address, DfuWork work)
    {
        if (status.Code != DfuStatusCode.StalledPacket)
        {
            return new DfuException(what, status, address);
        }

        // It was asked when it did not want to be; all that can have been is too early.
        _polling.Refused(work, TimeSpan.Zero);
        return Lost(new TransportException(TransportFailure.Stall, $"the device refused a request ({status})"), what, address);
    }

    private TransportException Lost(TransportException e, string what, uint? address) =>
        new(e.Failure, $"{e.Message}, when it was asked {what}", e.Remedy ?? Retries.Remedy ?? Replug, e.Address ?? address, e);

    private async ValueTask<DfuStatus> WaitWhileBusyAsync(DfuStatus status, DfuWork work)
    {
        var started = requests.Time.GetTimestamp();
        var stuck = StuckAfter(work);
        var stalls = 0;
        for (var polls = 0; status.State is DfuState.DownloadBusy or DfuState.DownloadSync; polls++)
        {
            var elapsed = requests.Time.GetElapsedTime(started);
            if (elapsed >= stuck)
            {
                return await ClearBusyAsync().ConfigureAwait(false);
            }

            var left = (stuck < work.Budget ? stuck.Value : work.Budget) - elapsed;
            if (left <= TimeSpan.Zero)
            {
                _isStuck = true;
                throw new TransportException(TransportFailure.Timeout, $"the device was still busy after {work.Budget.TotalSeconds:0} s", Replug);
            }

            var gap = _polling.GapAfter(work, elapsed, polls, status.PollTimeout);
            if (gap > TimeSpan.Zero)
            {
                await DfuDelay.WaitAsync(gap < left ? gap : left, requests.Time).ConfigureAwait(false);
            }

            elapsed = requests.Time.GetElapsedTime(started);
            try
            {
                status = await requests.GetStatusAsync(AnswerTime(work)).ConfigureAwait(false);
            }
            catch (TransportException e) when (e.Failure == TransportFailure.Stall && stalls++ < ToleratedStalls)
            {
                // An L4 refuses to be asked too early, and its poll time is too short: it gets the same time again.
                _polling.Refused(work, elapsed);
                continue;
            }

            _polling.Learn(work, elapsed, status);
        }

        _isStuck = false;
        return status;
    }

    private TimeSpan? StuckAfter(DfuWork work) => quirks.BusyAfterErase is not { } limit ? null : work.Kind switch
    {
        DfuWorkKind.Erase => limit,
        DfuWorkKind.MassErase => quirks.MassEraseTime,
        _ => null,
    };

    // An H743 of revision V: the first CLRSTATUS makes it say errUNKNOWN, the second brings it back, and the erase is done.
    private async ValueTask<DfuStatus> ClearBusyAsync()
    {
        DfuStatus status = default;
        for (var i = 0; i < 2; i++)
        {
            await requests.ClrStatusAsync().ConfigureAwait(false);
            status = await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
        }

        return status.State == DfuState.Idle
            ? status
            : throw new TransportException(TransportFailure.Timeout, $"the device stayed busy, and did not let itself be called off ({status})", Replug);
    }
}
