using System.Buffers.Binary;
using Defuse.Simulator.Chips;
using Defuse.Transports;

namespace Defuse.Simulator.Roms;

/// <summary>The DFU interface of a bootloader: USB DFU 1.1 with ST's extensions (AN3156, UM0424).</summary>
/// <remarks>Where the documents are silent, and what was chosen instead, is said where it is done.</remarks>
/// <param name="model">The bootloader.</param>
/// <param name="chip">What it programs.</param>
/// <param name="clock">The board's time.</param>
/// <param name="surroundings">Told when it leaves.</param>
/// <param name="refusalString">The index of the string that says why an address was refused; 0 if there is none.</param>
internal sealed class DfuInterface(
    RomModel model, SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings, byte refusalString)
{
    private const int FirstDataBlock = 2;

    private readonly ReachableMemory _memory = new(model, chip);
    private DfuState _state = DfuState.Idle;
    private DfuStatus _status = DfuStatus.Ok;
    private uint _pointer = chip.FlashAddress;

    // What the last DNLOAD brought; it is looked at when the first GETSTATUS comes.
    private ushort _blockNumber;
    private byte[] _block = [];

    // The work that is going on in dfuDNBUSY; null where it takes no time.
    private ChipWork? _work;
    private TimeSpan _doneAt;
    private bool _blocksEndpoint;
    private bool _isStuck;
    private int _pollTimeout;

    /// <summary>Whether the bootloader has let go of the bus; its last answer still gets through.</summary>
    public bool HasLeft { get; private set; }

    private bool IsProtected => chip.ReadProtectionLevel > 0;

    /// <summary>Until when a request is not answered, because the work that is going on keeps the processor.</summary>
    public TimeSpan BlockedUntil(UsbSetupPacket setup)
    {
        var waits = _blocksEndpoint || (_isStuck && setup is { RequestType: DfuRequest.Out, Request: DfuRequest.ClrStatus });
        return _state == DfuState.DnBusy && waits ? _doneAt : TimeSpan.Zero;
    }

    public void Reset()
    {
        _state = DfuState.Idle;
        _status = DfuStatus.Ok;
    }

    public UsbControlResponse Handle(UsbSetupPacket setup, ReadOnlySpan<byte> data) => (setup.RequestType, setup.Request) switch
    {
        _ when _state == DfuState.DnBusy && model.BusyEndpoint == BusyEndpoint.Stalls && clock.Elapsed < _doneAt => UsbControlResponse.Stall,
        (DfuRequest.Out, DfuRequest.Dnload) => Dnload(setup, data),
        (DfuRequest.In, DfuRequest.Upload) => Upload(setup),
        (DfuRequest.In, DfuRequest.GetStatus) => GetStatus(setup),
        (DfuRequest.In, DfuRequest.GetState) => Answer([(byte)_state], setup),
        (DfuRequest.Out, DfuRequest.ClrStatus) => ClrStatus(),
        (DfuRequest.Out, DfuRequest.Abort) => Abort(),

        // DETACH belongs to run-time mode; here it is as unexpected as anything (USB DFU 1.1, table A.1).
        (DfuRequest.Out, DfuRequest.Detach) => Refuse(DfuStatus.ErrStalledPkt),
        _ => UsbControlResponse.Stall,
    };

    private static UsbControlResponse Answer(ReadOnlySpan<byte> data, UsbSetupPacket setup) =>
        new(UsbControlStatus.Ack, data[..Math.Min(data.Length, setup.Length)].ToArray());

    private UsbControlResponse Refuse(DfuStatus status)
    {
        // The first error is kept until it is cleared.
        if (_state != DfuState.Error)
        {
            _state = DfuState.Error;
            _status = status;
        }

        return UsbControlResponse.Stall;
    }

    private UsbControlResponse Dnload(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        if (_state is not (DfuState.Idle or DfuState.DnloadIdle)
            || data.Length > model.TransferSize
            || (!data.IsEmpty && setup.Value is > 0 and < FirstDataBlock))
        {
            return Refuse(DfuStatus.ErrStalledPkt);
        }

        // No bytes mean the end, whatever the block number.
        _state = data.IsEmpty ? DfuState.ManifestSync : DfuState.DnloadSync;
        _blockNumber = setup.Value;
        _block = data.ToArray();
        if (data.IsEmpty && model.LeaveAnswer is (LeaveAnswer.Dnload or LeaveAnswer.Nothing))
        {
            Leave();
            return model.LeaveAnswer == LeaveAnswer.Dnload ? UsbControlResponse.Ack : UsbControlResponse.Disconnected;
        }

        return UsbControlResponse.Ack;
    }

    private UsbControlResponse Upload(UsbSetupPacket setup)
    {
        if (_state is not (DfuState.Idle or DfuState.UploadIdle)
            || setup.Length > model.TransferSize
            || setup.Value is > 0 and < FirstDataBlock)
        {
            return Refuse(DfuStatus.ErrStalledPkt);
        }

        if (setup.Length == 0)
        {
            _state = DfuState.Idle;
            return UsbControlResponse.Ack;
        }

        if (setup.Value == 0)
        {
            // The list has no more to come once it was sent whole.
            _state = setup.Length >= model.Commands.Length ? DfuState.Idle : DfuState.UploadIdle;
            return Answer(model.Commands.AsSpan(), setup);
        }

        // That option bytes and OTP are closed like flash memory at level 1 is inferred.
        var address = AddressOf(setup.Value);
        var memory = _memory.Of(address, 1);
        if (IsProtected && !(model.ShowsOptionBytesWhenProtected && memory == ChipMemory.OptionBytes))
        {
            return Refuse(DfuStatus.ErrVendor);
        }

        // Beyond a memory's end nothing is documented: what there is up to it ends the upload as a short block does,
        // and a block that begins behind it is refused as a bad address is.
        var bytes = memory is null ? null : chip.Read(address, setup.Length);
        if (bytes is null)
        {
            return Refuse(DfuStatus.ErrTarget);
        }

        _state = bytes.Length < setup.Length ? DfuState.Idle : DfuState.UploadIdle;
        return Answer(bytes, setup);
    }

    private UsbControlResponse GetStatus(UsbSetupPacket setup)
    {
        switch (_state)
        {
            case DfuState.DnloadSync:
                Begin();
                break;
            case DfuState.DnBusy when clock.Elapsed >= _doneAt && !_isStuck:
                EndWork();
                break;
            case DfuState.ManifestSync:
                _state = DfuState.Manifest;
                Leave();
                if (model.LeaveAnswer == LeaveAnswer.DnloadThenAsked)
                {
                    return UsbControlResponse.Disconnected;
                }

                break;
            default:
                break;
        }

        var poll = _state == DfuState.DnBusy ? _pollTimeout : 0;
        var text = _status == DfuStatus.ErrAddress ? refusalString : (byte)0;
        return Answer([(byte)_status, (byte)(poll & 0xFF), (byte)((poll >> 8) & 0xFF), (byte)(poll >> 16), (byte)_state, text], setup);
    }

    private UsbControlResponse ClrStatus()
    {
        switch (_state)
        {
            case DfuState.DnBusy when _isStuck:
                _isStuck = false;
                Fail(DfuStatus.ErrUnknown);
                return UsbControlResponse.Ack;
            case DfuState.Idle or DfuState.DnloadIdle or DfuState.UploadIdle when model.ClearStatusWhenIdle == ClearStatusAnswer.Error:
                Fail(DfuStatus.ErrUnknown);
                return UsbControlResponse.Ack;
            case DfuState.Idle or DfuState.DnloadIdle or DfuState.UploadIdle when model.ClearStatusWhenIdle == ClearStatusAnswer.Taken:
            case DfuState.Error:
                Reset();
                return UsbControlResponse.Ack;
            default:
                return Refuse(DfuStatus.ErrStalledPkt);
        }
    }

    private UsbControlResponse Abort()
    {
        if (_state is not (DfuState.Idle or DfuState.DnloadIdle or DfuState.UploadIdle))
        {
            return Refuse(DfuStatus.ErrStalledPkt);
        }

        _state = DfuState.Idle;
        return UsbControlResponse.Ack;
    }

    /// <summary>The stored block or command becomes work, or an error.</summary>
    private void Begin()
    {
        _state = DfuState.DnBusy;
        if (_blockNumber >= FirstDataBlock)
        {
            BeginWrite();
            return;
        }

        switch (_block)
        {
            case [var command, ..] when !model.Commands.Contains(command):
                // No document says what an unknown command gets.
                Fail(DfuStatus.ErrUnknown);
                break;
            case [DfuRequest.GetCommands]:
                Work(null, model.PollTimes.SetAddress);
                break;
            case [DfuRequest.SetAddressPointer, ..] when _block.Length == 5:
                BeginSetAddress(BinaryPrimitives.ReadUInt32LittleEndian(_block.AsSpan(1)));
                break;
            case [DfuRequest.Erase, ..] when _block.Length == 5:
                BeginErase(BinaryPrimitives.ReadUInt32LittleEndian(_block.AsSpan(1)));
                break;
            case [DfuRequest.Erase] when IsProtected && !model.PretendsWhenProtected:
                Fail(DfuStatus.ErrVendor);
                break;
            case [DfuRequest.Erase]:
                Work(
                    IsProtected ? chip.Pretend(chip.Model.MassEraseTime) : chip.MassErase(model.FlashResident?.OwnSize ?? 0),
                    model.PollTimes.MassErase,
                    BusyEndpoint.BlockedByMassErase);
                break;
            case [DfuRequest.ReadUnprotect]:
                Work(null, model.PollTimes.MassErase);
                Reset(chip.Unprotect());
                break;
            default:
                Fail(DfuStatus.ErrUnknown);
                break;
        }
    }

    private void BeginSetAddress(uint address)
    {
        // Taken at any level of protection: it gives nothing away.
        if (_memory.Of(address, 1) is null)
        {
            Fail(DfuStatus.ErrTarget);
            return;
        }

        _pointer = address;
        Work(null, model.PollTimes.SetAddress);
    }

    private void BeginErase(uint address)
    {
        if (IsProtected && !model.PretendsWhenProtected)
        {
            Fail(DfuStatus.ErrVendor);
        }
        else if (_memory.Of(address, 1) != ChipMemory.Flash)
        {
            Fail(DfuStatus.ErrTarget);
        }
        else if (_memory.IsOwn(address))
        {
            Fail(DfuStatus.ErrAddress);
        }
        else
        {
            Work(
                IsProtected ? chip.Pretend(chip.EraseTimeAt(address)) : chip.Erase(address),
                model.PollTimes.Erase,
                BusyEndpoint.BlockedByErase);
            _isStuck = address >= model.SticksAfterErasingFrom;
        }
    }

    private void BeginWrite()
    {
        var address = AddressOf(_blockNumber);
        var memory = _memory.Of(address, _block.Length);
        if (IsProtected && !model.PretendsWhenProtected)
        {
            Fail(DfuStatus.ErrVendor);
            return;
        }

        if (IsProtected && memory is not null)
        {
            Work(chip.Pretend(chip.ProgramTimeOf(_block.Length)), model.PollTimes.Write);
            return;
        }

        switch (memory)
        {
            case ChipMemory.Flash when _memory.IsOwn(address):
                Fail(DfuStatus.ErrAddress);
                break;
            case ChipMemory.Flash when _block.Length % model.BlockMultiple != 0:
                Fail(DfuStatus.ErrVendor);
                break;
            case ChipMemory.Flash:
                Work(chip.Program((uint)address, _block), model.PollTimes.Write);
                break;
            case ChipMemory.OptionBytes:
                Work(null, model.PollTimes.Write);
                Reset(chip.WriteOptionBytes((uint)address, _block));
                break;
            case ChipMemory.Otp:
                Work(chip.ProgramOtp((uint)address, _block), model.PollTimes.Write);
                break;
            case ChipMemory.DataEeprom:
                Work(chip.ProgramEeprom((uint)address, _block), model.PollTimes.Write);
                break;
            case ChipMemory.DeviceFeature:
                Work(null, model.PollTimes.Write);
                break;
            default:
                Fail(DfuStatus.ErrTarget);
                break;
        }
    }

    /// <param name="work">What is done; null for what takes no time.</param>
    /// <param name="pollTimeout">The time that is announced.</param>
    /// <param name="kind">The least that must be blocked for this work to block the endpoint.</param>
    private void Work(ChipWork? work, int pollTimeout, BusyEndpoint kind = BusyEndpoint.Blocked)
    {
        _work = work;
        _doneAt = work?.End ?? clock.Elapsed;
        _pollTimeout = pollTimeout;
        _blocksEndpoint = work is not null && model.BusyEndpoint != BusyEndpoint.Stalls && model.BusyEndpoint >= kind;
        _isStuck = false;
    }

    private void EndWork()
    {
        chip.Settle();
        if (_work is { Succeeded: false })
        {
            // A unit that cannot be programmed is errVENDOR, as ST's own USB device class has it, not errPROG.
            Fail(DfuStatus.ErrVendor);
        }
        else
        {
            _state = DfuState.DnloadIdle;
        }

        _work = null;
    }

    private void Fail(DfuStatus status)
    {
        _state = DfuState.Error;
        _status = status;
    }

    private void Reset(ChipWork work)
    {
        HasLeft = true;
        surroundings.Reset(work.End);
    }

    /// <summary>Jumps to the program at the address pointer; where none can be, the chip resets (AN3156, "Leave DFU mode").</summary>
    private void Leave()
    {
        HasLeft = true;
        var address = model.FlashResident?.ProgramAddress ?? _pointer;
        if (_memory.HasVectors(address) && !(model.LeavesOnlyWithBoot0Low && surroundings.IsBoot0High))
        {
            surroundings.Run(address);
        }
        else
        {
            surroundings.Reset(clock.Elapsed);
        }
    }

    // Both directions count blocks in units of the descriptor's wTransferSize, however long a block is (AN3156,
    // "Read memory" and "Write memory"). No wrapping: beyond 4 GB there is nothing.
    private ulong AddressOf(ushort blockNumber) => _pointer + ((ulong)(blockNumber - FirstDataBlock) * model.TransferSize);
}
