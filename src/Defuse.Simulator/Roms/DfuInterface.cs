using System.Buffers.Binary;
using System.Collections.Immutable;
using Defuse.Simulator.Chips;
using Defuse.Transports;

namespace Defuse.Simulator.Roms;

/// <summary>The DFU interface of a ROM bootloader: USB DFU 1.1 with ST's extensions (AN3156, UM0424).</summary>
/// <remarks>Where the documents are silent, and what was chosen instead, is said where it is done.</remarks>
internal sealed class DfuInterface(RomModel model, SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings)
{
    private const int FirstDataBlock = 2;

    private static readonly ImmutableArray<byte> Commands =
        [DfuRequest.GetCommands, DfuRequest.SetAddressPointer, DfuRequest.Erase, DfuRequest.ReadUnprotect];

    private DfuState _state = DfuState.Idle;
    private DfuStatus _status = DfuStatus.Ok;
    private uint _pointer = chip.FlashAddress;

    // What the last DNLOAD brought; it is looked at when the first GETSTATUS comes.
    private ushort _blockNumber;
    private byte[] _block = [];

    // The work that is going on in dfuDNBUSY, and how it will have ended.
    private TimeSpan _doneAt;
    private bool _blocksEndpoint;
    private int _pollTimeout;
    private DfuStatus _outcome;

    /// <summary>Whether the bootloader has let go of the bus; its last answer still gets through.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Until when nothing is answered, because the work that is going on keeps the processor.</summary>
    public TimeSpan EndpointBlockedUntil => _state == DfuState.DnBusy && _blocksEndpoint ? _doneAt : TimeSpan.Zero;

    public void Reset()
    {
        _state = DfuState.Idle;
        _status = DfuStatus.Ok;
    }

    public UsbControlResponse Handle(UsbSetupPacket setup, ReadOnlySpan<byte> data) => (setup.RequestType, setup.Request) switch
    {
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
            _state = setup.Length >= Commands.Length ? DfuState.Idle : DfuState.UploadIdle;
            return Answer(Commands.AsSpan(), setup);
        }

        // That option bytes and OTP are closed like flash memory at level 1 is inferred.
        if (chip.ReadProtectionLevel > 0)
        {
            return Refuse(DfuStatus.ErrVendor);
        }

        // Beyond a memory's end nothing is documented: what there is up to it ends the upload as a short block does,
        // and a block that begins behind it is refused as a bad address is.
        var bytes = chip.Read(AddressOf(setup.Value), setup.Length);
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
            case DfuState.DnBusy when clock.Elapsed >= _doneAt:
                _state = _outcome == DfuStatus.Ok ? DfuState.DnloadIdle : DfuState.Error;
                _status = _outcome;
                break;
            case DfuState.ManifestSync:
                _state = DfuState.Manifest;
                Leave();
                break;
            default:
                break;
        }

        var poll = _state == DfuState.DnBusy ? _pollTimeout : 0;
        return Answer([(byte)_status, (byte)(poll & 0xFF), (byte)((poll >> 8) & 0xFF), (byte)(poll >> 16), (byte)_state, 0], setup);
    }

    private UsbControlResponse ClrStatus()
    {
        if (_state == DfuState.Error
            || (model.ToleratesClearStatus && _state is DfuState.Idle or DfuState.DnloadIdle or DfuState.UploadIdle))
        {
            Reset();
            return UsbControlResponse.Ack;
        }

        return Refuse(DfuStatus.ErrStalledPkt);
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
            case [DfuRequest.GetCommands]:
                Work(TimeSpan.Zero, model.PollTimes.SetAddress);
                break;
            case [DfuRequest.SetAddressPointer, ..] when _block.Length == 5:
                BeginSetAddress(BinaryPrimitives.ReadUInt32LittleEndian(_block.AsSpan(1)));
                break;
            case [DfuRequest.Erase, ..] when _block.Length == 5:
                BeginErase(BinaryPrimitives.ReadUInt32LittleEndian(_block.AsSpan(1)));
                break;
            case [DfuRequest.Erase] when chip.ReadProtectionLevel > 0:
                Fail(DfuStatus.ErrVendor);
                break;
            case [DfuRequest.Erase]:
                Work(chip.MassErase(), model.PollTimes.MassErase, blocksEndpoint: model.ErasesWithEndpointBlocked);
                break;
            case [DfuRequest.ReadUnprotect]:
                Work(TimeSpan.Zero, model.PollTimes.MassErase);
                Reset(chip.Unprotect());
                break;
            default:
                // No document says what an unknown command gets.
                Fail(DfuStatus.ErrUnknown);
                break;
        }
    }

    private void BeginSetAddress(uint address)
    {
        // Taken at any level of protection: it gives nothing away.
        if (chip.MemoryOf(address, 1) is null)
        {
            Fail(DfuStatus.ErrTarget);
            return;
        }

        _pointer = address;
        Work(TimeSpan.Zero, model.PollTimes.SetAddress);
    }

    private void BeginErase(uint address)
    {
        if (chip.ReadProtectionLevel > 0)
        {
            Fail(DfuStatus.ErrVendor);
        }
        else if (chip.MemoryOf(address, 1) != ChipMemory.Flash)
        {
            Fail(DfuStatus.ErrTarget);
        }
        else
        {
            Work(chip.Erase(address), model.PollTimes.Erase, blocksEndpoint: model.ErasesWithEndpointBlocked);
        }
    }

    private void BeginWrite()
    {
        var address = AddressOf(_blockNumber);
        if (chip.ReadProtectionLevel > 0)
        {
            Fail(DfuStatus.ErrVendor);
            return;
        }

        switch (chip.MemoryOf(address, _block.Length))
        {
            case ChipMemory.Flash:
                // A unit that cannot be programmed is errVENDOR, as ST's own USB device class has it, not errPROG.
                var outcome = chip.Program((uint)address, _block) ? DfuStatus.Ok : DfuStatus.ErrVendor;
                Work(chip.ProgramTimeOf(_block.Length), model.PollTimes.Write, outcome);
                break;
            case ChipMemory.OptionBytes:
                Work(TimeSpan.Zero, model.PollTimes.Write);
                Reset(chip.WriteOptionBytes((uint)address, _block));
                break;
            case ChipMemory.Otp:
                chip.ProgramOtp((uint)address, _block);
                Work(chip.ProgramTimeOf(_block.Length), model.PollTimes.Write);
                break;
            case ChipMemory.DeviceFeature:
                Work(TimeSpan.Zero, model.PollTimes.Write);
                break;
            default:
                Fail(DfuStatus.ErrTarget);
                break;
        }
    }

    private void Work(TimeSpan duration, int pollTimeout, DfuStatus outcome = DfuStatus.Ok, bool blocksEndpoint = false)
    {
        _doneAt = clock.CompletionOf(duration);
        _pollTimeout = pollTimeout;
        _outcome = outcome;
        _blocksEndpoint = blocksEndpoint;
    }

    private void Fail(DfuStatus status)
    {
        _state = DfuState.Error;
        _status = status;
    }

    private void Reset(TimeSpan work)
    {
        HasLeft = true;
        surroundings.Reset(work);
    }

    /// <summary>Jumps to the program at the address pointer; where none can be, the chip resets (AN3156, "Leave DFU mode").</summary>
    private void Leave()
    {
        HasLeft = true;
        if (HasVectors(_pointer))
        {
            surroundings.Run(_pointer);
        }
        else
        {
            surroundings.Reset(TimeSpan.Zero);
        }
    }

    // What "holds code" means is not documented; erased vectors certainly don't.
    private bool HasVectors(uint address)
    {
        Span<byte> vectors = stackalloc byte[8];
        if (chip.MemoryOf(address, vectors.Length) != ChipMemory.Flash)
        {
            return false;
        }

        chip.ReadFlash(address, vectors);
        return BinaryPrimitives.ReadUInt32LittleEndian(vectors) != uint.MaxValue
            && BinaryPrimitives.ReadUInt32LittleEndian(vectors[4..]) != uint.MaxValue;
    }

    // Both directions count blocks in units of the descriptor's wTransferSize, however long a block is (AN3156,
    // "Read memory" and "Write memory"). No wrapping: beyond 4 GB there is nothing.
    private ulong AddressOf(ushort blockNumber) => _pointer + ((ulong)(blockNumber - FirstDataBlock) * model.TransferSize);
}
