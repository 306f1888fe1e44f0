using System.Text;
using Defuse.Simulator.Roms;
using Defuse.Transports;

namespace Defuse.Simulator.Faults;

/// <summary>Stands between the bus and a bootloader, and has happen to the requests what the script says.</summary>
/// <remarks>It knows DFU from outside only, so that it serves whichever bootloader a board has.</remarks>
/// <param name="inner">The bootloader.</param>
/// <param name="run">What is left of the script.</param>
/// <param name="chip">What the bootloader programs.</param>
/// <param name="clock">The board's time.</param>
/// <param name="board">Told when it leaves.</param>
/// <param name="serialNumber">The board's own serial number.</param>
internal sealed class FaultyBootloader(
    IBoardPeripheral inner, FaultRun run, SimulatedChip chip, VirtualClock clock, IFaultSurroundings board, string serialNumber) : IBoardPeripheral
{
    private const byte DnloadSync = (byte)DfuState.DnloadSync;
    private const byte DnBusy = (byte)DfuState.DnBusy;
    private const byte Error = (byte)DfuState.Error;

    // bStatus as USB DFU 1.1, section 6.1.2 numbers it; the ROMs that are modelled here know fewer.
    private const byte ErrTarget = 1, ErrWrite = 3, ErrErase = 4, ErrFirmware = 10, ErrUnknown = 14;

    // A little longer than hosts wait: most give a transfer 5 s, and one behind which the bootloader works up to 35 s.
    private static readonly TimeSpan NoPatience = TimeSpan.FromSeconds(5.5);
    private static readonly TimeSpan NoPatienceForWork = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan UsualDelay = TimeSpan.FromSeconds(2);

    private readonly DfuWatch _watch = new(chip.FlashAddress);

    // What the bootloader was asked for and has not been told of yet, with what will become of it.
    private (Fault Fault, UsbSetupPacket Setup, ReadOnlyMemory<byte> Data)? _held;

    // Flips once the work that goes on is done.
    private List<(ulong Address, int Bit)> _rotting = [];

    // Becomes dfuDNBUSY when the work was begun.
    private Fault? _getsStuck;
    private TimeSpan? _busyUntil;
    private byte? _error;

    public UsbSpeed Speed => inner.Speed;

    public bool IsConnected => inner.IsConnected;

    public TimeProvider Time => inner.Time;

    public void Disconnect() => inner.Disconnect();

    public async ValueTask<UsbControlResponse> ControlAsync(
        UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();

        // Somebody's time limit must not run out in the middle of what takes none.
        using var holding = clock.Hold();
        if (!IsConnected)
        {
            return UsbControlResponse.Disconnected;
        }

        if (_held is { } held && setup.Kind == UsbRequestKind.Class)
        {
            if (IsGetState(setup))
            {
                return await SendAsync([DnloadSync], cancellationToken).ConfigureAwait(false);
            }

            _held = null;
            if (IsGetStatus(setup))
            {
                return await EndAsync(held.Fault, held.Setup, held.Data, cancellationToken).ConfigureAwait(false);
            }

            await inner.ControlAsync(held.Setup, held.Data, cancellationToken).ConfigureAwait(false);
        }

        if (run.Take(_watch.Reached(setup, data.Span)) is { } fault)
        {
            return await FailAsync(fault, setup, data, cancellationToken).ConfigureAwait(false);
        }

        return await PassAsync(setup, data, cancellationToken).ConfigureAwait(false);
    }

    private static bool IsGetStatus(UsbSetupPacket setup) => setup is { RequestType: DfuRequest.In, Request: DfuRequest.GetStatus };

    private static bool IsGetState(UsbSetupPacket setup) => setup is { RequestType: DfuRequest.In, Request: DfuRequest.GetState };

    private static bool IsDnload(UsbSetupPacket setup) => setup is { RequestType: DfuRequest.Out, Request: DfuRequest.Dnload };

    private static byte[] Status(byte status, byte state, byte poll = 0) => [status, poll, 0, 0, state, 0];

    private static byte RefusalOf(FaultStep step) => step switch
    {
        FaultStep.Address => ErrTarget,
        FaultStep.Write => ErrWrite,
        FaultStep.Erase => ErrErase,
        FaultStep.Start => ErrFirmware,
        _ => ErrUnknown,
    };

    private async ValueTask<UsbControlResponse> FailAsync(
        Fault fault, UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        switch (fault.Kind)
        {
            case FaultKind.Stall:
                return await AnswerAsync(UsbControlResponse.Stall, cancellationToken).ConfigureAwait(false);
            case FaultKind.Timeout:
                await clock.WaitUntilAsync(clock.Elapsed + (fault.Duration ?? (IsGetStatus(setup) ? NoPatienceForWork : NoPatience)), cancellationToken).ConfigureAwait(false);
                return UsbControlResponse.Stall;
            case FaultKind.Late:
                var answer = await PassAsync(setup, data, cancellationToken).ConfigureAwait(false);
                await clock.WaitUntilAsync(clock.Elapsed + (fault.Duration ?? UsualDelay), cancellationToken).ConfigureAwait(false);
                return answer;
            case FaultKind.Unplug or FaultKind.Reset or FaultKind.OtherSerial or FaultKind.Refuse when IsDnload(setup):
                // What DNLOAD brings is looked at, and worked on, when the GETSTATUS after it comes.
                _held = (fault, setup, data.ToArray());
                return await AnswerAsync(UsbControlResponse.Ack, cancellationToken).ConfigureAwait(false);
            case FaultKind.Unplug or FaultKind.Reset or FaultKind.OtherSerial:
                return Leave(fault);
            case FaultKind.Refuse when setup.Kind == UsbRequestKind.Standard:
                return await AnswerAsync(UsbControlResponse.Stall, cancellationToken).ConfigureAwait(false);
            case FaultKind.Refuse:
                _error = RefusalOf(fault.Step);
                return await AnswerAsync(IsGetStatus(setup) ? new UsbControlResponse(UsbControlStatus.Ack, Status(_error.Value, Error)) : UsbControlResponse.Stall, cancellationToken)
                    .ConfigureAwait(false);
            case FaultKind.Busy when IsDnload(setup):
                _getsStuck = fault;
                break;
            case FaultKind.Busy:
                GetStuck(fault);
                break;
            case FaultKind.BitRot:
                Rot(fault, setup, data.Span);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(fault), fault.Kind, "There is no such fault.");
        }

        return await PassAsync(setup, data, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The end of what DNLOAD brought: a part of it is done, and then the board is gone; or none, and an error is told.</summary>
    private async ValueTask<UsbControlResponse> EndAsync(
        Fault fault, UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (fault.Kind == FaultKind.Refuse)
        {
            _error = RefusalOf(fault.Step);
            return await SendAsync(Status(_error.Value, Error), cancellationToken).ConfigureAwait(false);
        }

        switch (fault.Step)
        {
            case FaultStep.Write:
                var kept = (int)Math.Clamp(fault.At - _watch.Done(FaultStep.Write), 0, data.Length);
                if (kept > 0)
                {
                    await WorkAsync(setup with { Length = (ushort)kept }, data[..kept], finish: true, cancellationToken).ConfigureAwait(false);
                }

                break;
            case FaultStep.Erase or FaultStep.Unprotect:
                await WorkAsync(setup, data, finish: false, cancellationToken).ConfigureAwait(false);
                break;
            default:
                break;
        }

        return Leave(fault);
    }

    /// <summary>Has the bootloader begin its work, and waits for the end of it, or for half the time that it announces.</summary>
    private async ValueTask WorkAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, bool finish, CancellationToken cancellationToken)
    {
        await inner.ControlAsync(setup, data, cancellationToken).ConfigureAwait(false);
        var getStatus = new UsbSetupPacket(DfuRequest.In, DfuRequest.GetStatus, 0, setup.Index, 6);
        while (true)
        {
            var answer = await inner.ControlAsync(getStatus, default, cancellationToken).ConfigureAwait(false);
            if (answer.Data.Length < 6 || answer.Data.Span[4] != DnBusy)
            {
                return;
            }

            var poll = TimeSpan.FromMilliseconds(Math.Max(1, answer.Data.Span[1] | (answer.Data.Span[2] << 8)));
            await clock.WaitUntilAsync(clock.Elapsed + (finish ? poll : poll / 2), cancellationToken).ConfigureAwait(false);
            if (!finish)
            {
                return;
            }
        }
    }

    private UsbControlResponse Leave(Fault fault)
    {
        if (fault.Kind == FaultKind.OtherSerial)
        {
            run.TakeOn(fault, serialNumber);
        }

        inner.Disconnect();
        if (fault.Kind == FaultKind.Unplug)
        {
            board.Unplug();
        }
        else
        {
            chip.LosePower();
            board.Reset(clock.Elapsed);
        }

        return UsbControlResponse.Disconnected;
    }

    private async ValueTask<UsbControlResponse> PassAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (setup.Kind == UsbRequestKind.Class && (_error is not null || IsBusy()))
        {
            return await OverlaidAsync(setup, cancellationToken).ConfigureAwait(false);
        }

        var address = _watch.AddressOf(setup, data.Span);
        var reached = _watch.Reached(setup, data.Span);
        var response = await inner.ControlAsync(setup, data, cancellationToken).ConfigureAwait(false);
        if (response.Status != UsbControlStatus.Ack)
        {
            return response;
        }

        _watch.Count(setup, data.Span);
        _watch.Answered(setup, response.Data.Span);
        if (reached.ContainsKey(FaultStep.Write))
        {
            RotAfter(address, data.Length);
        }
        else if (reached.ContainsKey(FaultStep.Erase))
        {
            foreach (var sector in chip.Sectors.Where(x => data.Length == 1 || (address >= x.Address && address < x.Address + (ulong)x.Size)))
            {
                RotAfter(sector.Address, sector.Size);
            }
        }

        if (IsGetStatus(setup) && response.Data.Length >= 6)
        {
            Worked(response.Data.Span[4]);
        }

        return Renamed(setup, response);
    }

    private void Worked(byte state)
    {
        if (_getsStuck is { } fault)
        {
            _getsStuck = null;
            GetStuck(fault);
        }

        if (state != DnBusy && _rotting.Count > 0)
        {
            foreach (var (address, bit) in _rotting)
            {
                Flip(address, bit);
            }

            _rotting = [];
        }
    }

    private void GetStuck(Fault fault) => _busyUntil = fault.Duration is { } duration ? clock.Elapsed + duration : TimeSpan.MaxValue;

    private bool IsBusy()
    {
        if (_busyUntil <= clock.Elapsed)
        {
            _busyUntil = null;
        }

        return _busyUntil is not null;
    }

    /// <summary>The answer of a bootloader that is in dfuERROR, or stuck in dfuDNBUSY, though the one inside is not.</summary>
    private async ValueTask<UsbControlResponse> OverlaidAsync(UsbSetupPacket setup, CancellationToken cancellationToken)
    {
        const byte Poll = 100;
        if (IsGetStatus(setup))
        {
            return await SendAsync(_error is { } error ? Status(error, Error) : Status(0, DnBusy, Poll), cancellationToken).ConfigureAwait(false);
        }

        if (IsGetState(setup))
        {
            return await SendAsync([_error is null ? DnBusy : Error], cancellationToken).ConfigureAwait(false);
        }

        if (_error is not null && setup is { RequestType: DfuRequest.Out, Request: DfuRequest.ClrStatus })
        {
            _error = null;
            await SettleAsync(setup.Index, cancellationToken).ConfigureAwait(false);
            return await AnswerAsync(UsbControlResponse.Ack, cancellationToken).ConfigureAwait(false);
        }

        return await AnswerAsync(UsbControlResponse.Stall, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>CLRSTATUS leads to dfuIDLE (USB DFU 1.1, section 6.1.3): the bootloader inside is brought there too.</summary>
    private async ValueTask SettleAsync(ushort index, CancellationToken cancellationToken)
    {
        const int Attempts = 4;
        for (var i = 0; i < Attempts; i++)
        {
            var state = await inner.ControlAsync(new(DfuRequest.In, DfuRequest.GetState, 0, index, 1), default, cancellationToken).ConfigureAwait(false);
            if (state.Data.Length < 1 || state.Data.Span[0] is (byte)DfuState.Idle or DnBusy)
            {
                return;
            }

            var request = state.Data.Span[0] == Error ? DfuRequest.ClrStatus : DfuRequest.Abort;
            await inner.ControlAsync(new(DfuRequest.Out, request, 0, index, 0), default, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Rot(Fault fault, UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        var address = _watch.AddressOf(setup, data);
        if (fault.Step is FaultStep.Read or FaultStep.Compare or FaultStep.Verify or FaultStep.Write)
        {
            address += (ulong)Math.Max(0, fault.At - _watch.Done(fault.Step));
        }

        if (fault.Step is FaultStep.Write or FaultStep.Erase)
        {
            _rotting.Add((address, fault.Bit));
        }
        else
        {
            Flip(address, fault.Bit);
        }
    }

    private void RotAfter(ulong start, int length)
    {
        foreach (var rot in run.TakeChanged(start, length))
        {
            _rotting.Add((rot.Address!.Value, rot.Bit));
        }
    }

    // Only flash memory rots; at another address nothing happens.
    private void Flip(ulong address, int bit)
    {
        if (address < chip.FlashAddress || address >= chip.FlashAddress + (ulong)chip.FlashSize)
        {
            return;
        }

        Span<byte> cell = stackalloc byte[1];
        chip.ReadFlash((uint)address, cell);
        cell[0] ^= (byte)(1 << bit);
        chip.WriteFlash((uint)address, cell);
        run.HasRotten((uint)address);
    }

    private UsbControlResponse Renamed(UsbSetupPacket setup, UsbControlResponse response)
    {
        if (run.SerialNumber is not { } other
            || setup is not { RequestType: 0x80, Request: UsbStandardRequest.GetDescriptor }
            || setup.Value >> 8 != UsbStandardRequest.StringDescriptor
            || !string.Equals(UsbString.Decode(response.Data.Span), serialNumber, StringComparison.Ordinal))
        {
            return response;
        }

        var text = Encoding.Unicode.GetBytes(other);
        byte[] descriptor = [(byte)(text.Length + 2), UsbStandardRequest.StringDescriptor, .. text];
        return response with { Data = descriptor.AsMemory(0, Math.Min(descriptor.Length, setup.Length)) };
    }

    private ValueTask<UsbControlResponse> SendAsync(byte[] data, CancellationToken cancellationToken) =>
        AnswerAsync(new UsbControlResponse(UsbControlStatus.Ack, data), cancellationToken);

    private async ValueTask<UsbControlResponse> AnswerAsync(UsbControlResponse response, CancellationToken cancellationToken)
    {
        await clock.ChargeAsync(UsbFullSpeed.DurationOf(response.Data.Length), cancellationToken).ConfigureAwait(false);
        return response;
    }
}
