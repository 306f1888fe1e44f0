using Defuse.Simulator.Roms;
using Defuse.Transports;

namespace Defuse.Simulator.PlainDfu;

/// <summary>The DFU interface of a device without ST's extensions (USB DFU 1.1, appendix A).</summary>
internal sealed class PlainDfuInterface(PlainDfuModel model, SimulatedChip chip, VirtualClock clock)
{
    private DfuState _state = DfuState.Idle;
    private DfuStatus _status = DfuStatus.Ok;
    private int _nextBlock;
    private int _position;
    private TimeSpan _doneAt;

    /// <summary>What the host selected.</summary>
    public byte AlternateSetting { get; set; }

    /// <summary>Whether it took an image and is done with this bus, once its last answer is through.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Whether only a bus reset brings it on: it took an image.</summary>
    public bool WaitsForReset => _state == DfuState.ManifestWaitReset;

    private uint? Address => model.AlternateSettings[AlternateSetting].Address;

    public void Reset()
    {
        _state = DfuState.Idle;
        _status = DfuStatus.Ok;
    }

    public UsbControlResponse Handle(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        Proceed();

        // While it works it takes no request at all (states dfuDNBUSY and dfuMANIFEST).
        if (_state is DfuState.DnBusy or DfuState.Manifest)
        {
            return Refuse();
        }

        return (setup.RequestType, setup.Request) switch
        {
            (DfuRequest.In, DfuRequest.GetStatus) => GetStatus(setup),
            (DfuRequest.In, DfuRequest.GetState) => Answer([(byte)_state], setup),
            _ when WaitsForReset => UsbControlResponse.Stall,
            (DfuRequest.Out, DfuRequest.Dnload) => Dnload(setup, data),
            (DfuRequest.In, DfuRequest.Upload) => Upload(setup),
            (DfuRequest.Out, DfuRequest.ClrStatus) when _state == DfuState.Error => Cleared(),
            (DfuRequest.Out, DfuRequest.Abort) when _state is DfuState.Idle or DfuState.DnloadSync or DfuState.DnloadIdle or DfuState.UploadIdle => Cleared(),
            _ => Refuse(),
        };
    }

    private static UsbControlResponse Answer(ReadOnlySpan<byte> data, UsbSetupPacket setup) =>
        new(UsbControlStatus.Ack, data[..Math.Min(data.Length, setup.Length)].ToArray());

    private UsbControlResponse Cleared()
    {
        Reset();
        return UsbControlResponse.Ack;
    }

    private UsbControlResponse Refuse(DfuStatus status = DfuStatus.ErrStalledPkt)
    {
        if (_state != DfuState.Error)
        {
            _state = DfuState.Error;
            _status = status;
        }

        return UsbControlResponse.Stall;
    }

    // dfuDNBUSY and dfuMANIFEST end by themselves, when the time that was announced is over.
    private void Proceed()
    {
        if (clock.Elapsed < _doneAt)
        {
            return;
        }

        _state = _state switch
        {
            DfuState.DnBusy => DfuState.DnloadSync,
            DfuState.Manifest => DfuState.ManifestSync,
            _ => _state,
        };
    }

    private UsbControlResponse Dnload(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        if (_state is not (DfuState.Idle or DfuState.DnloadIdle) || data.Length > model.TransferSize)
        {
            return Refuse();
        }

        if (_state == DfuState.Idle)
        {
            _nextBlock = setup.Value;
            _position = 0;
        }

        if (data.IsEmpty)
        {
            // The end; without a byte before it there is nothing to make the device's own (bStatus errNOTDONE).
            if (_state == DfuState.Idle)
            {
                return Refuse(DfuStatus.ErrNotDone);
            }

            _state = DfuState.ManifestSync;
            _doneAt = default;
            return UsbControlResponse.Ack;
        }

        if (setup.Value != (ushort)_nextBlock || Address is not { } address || address - chip.FlashAddress + _position + data.Length > chip.FlashSize)
        {
            return Refuse(DfuStatus.ErrTarget);
        }

        _doneAt = Write(address + (uint)_position, data);
        _position += data.Length;
        _nextBlock = (_nextBlock + 1) & 0xFFFF;
        _state = DfuState.DnloadSync;
        return UsbControlResponse.Ack;
    }

    // A page is erased when its first byte comes.
    private TimeSpan Write(uint address, ReadOnlySpan<byte> data)
    {
        foreach (var sector in chip.Sectors)
        {
            if (sector.Address >= address && sector.Address < address + (uint)data.Length)
            {
                chip.Erase(sector.Address);
            }
        }

        return chip.Program(address, data.ToArray()).End;
    }

    private UsbControlResponse Upload(UsbSetupPacket setup)
    {
        if (!model.CanUpload || Address is not { } address || setup.Length > model.TransferSize || _state is not (DfuState.Idle or DfuState.UploadIdle))
        {
            return Refuse();
        }

        if (_state == DfuState.Idle)
        {
            _position = 0;
        }

        var left = chip.FlashSize - (int)(address - chip.FlashAddress) - _position;
        var bytes = new byte[Math.Min(setup.Length, left)];
        chip.ReadFlash(address + (uint)_position, bytes);
        _position += bytes.Length;
        _state = bytes.Length < setup.Length ? DfuState.Idle : DfuState.UploadIdle;
        return Answer(bytes, setup);
    }

    private UsbControlResponse GetStatus(UsbSetupPacket setup)
    {
        var poll = 0;
        switch (_state)
        {
            case DfuState.DnloadSync when clock.Elapsed < _doneAt:
                _state = DfuState.DnBusy;
                poll = (int)Math.Ceiling((_doneAt - clock.Elapsed).TotalMilliseconds);
                break;
            case DfuState.DnloadSync:
                _state = DfuState.DnloadIdle;
                break;
            case DfuState.ManifestSync when _doneAt == default && model.WaitsForReset:
                // It says so at once (seen in dfu-util's output for 1EAF:0003).
                _state = DfuState.ManifestWaitReset;
                break;
            case DfuState.ManifestSync when _doneAt == default:
                _state = DfuState.Manifest;
                poll = model.ManifestTime;
                _doneAt = clock.CompletionOf(TimeSpan.FromMilliseconds(poll)) + TimeSpan.FromTicks(1);
                HasLeft = !model.IsManifestationTolerant;
                break;
            case DfuState.ManifestSync:
                _state = DfuState.Idle;
                break;
            default:
                break;
        }

        return Answer([(byte)_status, (byte)(poll & 0xFF), (byte)((poll >> 8) & 0xFF), (byte)(poll >> 16), (byte)_state, 0], setup);
    }
}
