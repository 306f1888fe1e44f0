using Defuse.Simulator.Roms;
using Defuse.Transports;

namespace Defuse.Simulator.Programs;

/// <summary>A program on the bus, from one reset to the next: a CDC ACM function with the program behind it.</summary>
/// <remarks>What the board around it is told is told outside the lock, since the board calls in while it holds its own.</remarks>
internal sealed class CdcAcmPeripheral : IBoardPeripheral, IProgramLine
{
    // What programs keep of their input until they get to it; and of their output, before they take no more input.
    private const int InputRoom = 512;
    private const int OutputRoom = 2048;
    private const int PacketSize = 64;

    private const byte DfuDetach = 0, DfuGetStatus = 3, DfuGetState = 5;
    private const byte SetLineCoding = 0x20, GetLineCoding = 0x21, SetControlLineState = 0x22, SendBreak = 0x23;

    private readonly Lock _gate = new();
    private readonly ProgramModel _model;
    private readonly VirtualClock _clock;
    private readonly IProgramSurroundings _surroundings;
    private readonly CdcAcmDescriptors _descriptors;
    private readonly SerialProgram _program;
    private readonly InEndpoint _output = new();
    private readonly InEndpoint _notifications = new();
    private readonly Queue<byte> _input = [];
    private readonly List<ITimer> _timers = [];
    private readonly HashSet<ushort> _halted = [];
    private TaskCompletionSource _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private LineCoding _coding = LineCoding.Usual;
    private byte _configuration;
    private bool _isConnected = true;
    private Action? _tell;

    public CdcAcmPeripheral(ProgramModel model, SimulatedChip chip, VirtualClock clock, IProgramSurroundings surroundings)
    {
        _model = model;
        Chip = chip;
        _clock = clock;
        _surroundings = surroundings;
        _descriptors = new(model, chip);
        _program = model.Create(this);
        lock (_gate)
        {
            _program.Start();
        }
    }

    public UsbSpeed Speed => UsbSpeed.Full;

    public bool IsConnected
    {
        get
        {
            lock (_gate)
            {
                return _isConnected;
            }
        }
    }

    public TimeProvider Time => _clock;

    public SimulatedChip Chip { get; }

    public bool DataTerminalReady { get; private set; }

    public bool RequestToSend { get; private set; }

    public int Backlog => _output.Count;

    private bool CanSend => DataTerminalReady || !_model.WaitsForDtr;

    public async ValueTask<UsbControlResponse> ControlAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var response = UsbControlResponse.Disconnected;
        Act(() => response = data.Length == (setup.IsIn ? 0 : setup.Length) ? Handle(setup, data.Span) : UsbControlResponse.Stall);
        await _clock.ChargeAsync(UsbFullSpeed.DurationOf(setup.IsIn ? response.Data.Length : data.Length), CancellationToken.None).ConfigureAwait(false);
        return response;
    }

    public async ValueTask<UsbControlResponse> TransferInAsync(byte endpoint, int length, CancellationToken cancellationToken)
    {
        var response = UsbControlResponse.Disconnected;
        LinkedListNode<(int Length, TaskCompletionSource<UsbControlResponse> Done)>? waiting = null;
        var source = endpoint == CdcAcmDescriptors.NotificationEndpoint ? _notifications : _output;
        Act(() =>
        {
            if (_configuration == 0 || endpoint is not (CdcAcmDescriptors.NotificationEndpoint or (0x80 | CdcAcmDescriptors.DataEndpoint)) || _halted.Contains(endpoint))
            {
                response = UsbControlResponse.Stall;
            }
            else if (source.Count > 0 && (source != _output || CanSend))
            {
                response = source.Take(length);
                Proceed();
            }
            else
            {
                waiting = source.Wait(length);
            }
        });

        if (response.Status == UsbControlStatus.Disconnected && source == _output)
        {
            response = TakeLast(length);
        }

        if (waiting is not null)
        {
            var givingUp = cancellationToken.UnsafeRegister(
                (_, token) =>
                {
                    lock (_gate)
                    {
                        source.GiveUp(waiting, token);
                    }
                },
                null);
            await using var unregistering = givingUp.ConfigureAwait(false);
            response = await waiting.Value.Done.Task.ConfigureAwait(false);
            Act(Proceed);
        }

        if (response.Status == UsbControlStatus.Ack)
        {
            await _clock.ChargeAsync(UsbFullSpeed.DurationOfBulk(response.Data.Length), CancellationToken.None).ConfigureAwait(false);
        }

        return response;
    }

    public async ValueTask<UsbControlResponse> TransferOutAsync(byte endpoint, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        for (var rest = data; ;)
        {
            Task? full = null;
            UsbControlResponse? response = UsbControlResponse.Disconnected;
            Act(() => response = Take(endpoint, ref rest, out full));
            if (response is { } end)
            {
                if (end.Status == UsbControlStatus.Ack)
                {
                    await _clock.ChargeAsync(UsbFullSpeed.DurationOfBulk(data.Length), CancellationToken.None).ConfigureAwait(false);
                }

                return end;
            }

            await full!.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public void Disconnect()
    {
        lock (_gate)
        {
            Leave();
            _output.Trim(0);
        }
    }

    void IProgramLine.Send(ReadOnlySpan<byte> data)
    {
        _output.Send(data);
        if (CanSend)
        {
            _output.Serve();
        }
        else
        {
            _output.Trim(OutputRoom);
        }
    }

    void IProgramLine.After(TimeSpan delay, Action action) => AddTimer(delay, Timeout.InfiniteTimeSpan, action);

    void IProgramLine.Every(TimeSpan period, Action action) => AddTimer(period, period, action);

    void IProgramLine.EnterBootloader()
    {
        Leave();
        _tell += _surroundings.EnterBootloader;
    }

    void IProgramLine.Reboot()
    {
        Leave();
        _tell += _surroundings.Reboot;
    }

    void IProgramLine.Hang() => Leave();

    void IProgramLine.SetPins(bool isResetLow, bool isBoot0High) => _tell += () => _surroundings.SetPins(isResetLow, isBoot0High);

    private static UsbControlResponse Data(byte[]? data, UsbSetupPacket setup) => data is null
        ? UsbControlResponse.Stall
        : new(UsbControlStatus.Ack, data.AsMemory(0, Math.Min(data.Length, setup.Length)));

    private void AddTimer(TimeSpan delay, TimeSpan period, Action action)
    {
        _timers.Add(_clock.CreateTimer(
            _ => Act(() =>
            {
                action();
                Proceed();
            }),
            state: null,
            delay,
            period));
    }

    /// <summary>Does something in the lock, unless the plug is pulled, and tells the board afterwards what came of it.</summary>
    private void Act(Action action)
    {
        Action? tell;
        lock (_gate)
        {
            if (!_isConnected)
            {
                return;
            }

            action();
            tell = _tell;
            _tell = null;
        }

        tell?.Invoke();
    }

    private void Leave()
    {
        _isConnected = false;
        foreach (var timer in _timers)
        {
            timer.Dispose();
        }

        _timers.Clear();
        _output.End(UsbControlResponse.Disconnected);
        _notifications.End(UsbControlResponse.Disconnected);
        _room.TrySetResult();
    }

    // What a program sent before it left has crossed the bus: a host fetches all the time, and its system keeps it for whoever reads late.
    private UsbControlResponse TakeLast(int length)
    {
        lock (_gate)
        {
            return !_isConnected && _output.Count > 0 && CanSend ? _output.Take(length) : UsbControlResponse.Disconnected;
        }
    }

    /// <summary>The program gets to what waits for it, as far as it takes it.</summary>
    private void Proceed()
    {
        while (_isConnected && _input.Count > 0 && _program.TakesInput && (!CanSend || _output.Count < OutputRoom))
        {
            _program.Receive(_input.Dequeue());
        }

        if (_input.Count < InputRoom)
        {
            _room.TrySetResult();
        }
    }

    // The answer when all is taken, and none while the program has no room for the next packet.
    private UsbControlResponse? Take(byte endpoint, ref ReadOnlyMemory<byte> rest, out Task? full)
    {
        full = null;
        if (_configuration == 0 || endpoint != CdcAcmDescriptors.DataEndpoint || _halted.Contains(endpoint))
        {
            return UsbControlResponse.Stall;
        }

        while (!rest.IsEmpty && _isConnected)
        {
            if (_input.Count + PacketSize > InputRoom)
            {
                if (_room.Task.IsCompleted)
                {
                    _room = new(TaskCreationOptions.RunContinuationsAsynchronously);
                }

                full = _room.Task;
                return null;
            }

            var packet = rest[..Math.Min(PacketSize, rest.Length)];
            rest = rest[packet.Length..];
            foreach (var value in packet.Span)
            {
                if (!_program.Arrived(value))
                {
                    _input.Enqueue(value);
                }
            }

            Proceed();
        }

        return UsbControlResponse.Ack;
    }

    private UsbControlResponse Handle(UsbSetupPacket setup, ReadOnlySpan<byte> data) => setup.Kind switch
    {
        UsbRequestKind.Standard => HandleStandard(setup),
        UsbRequestKind.Class when _configuration != 0 && setup.Index == 0 => HandleLine(setup, data),
        UsbRequestKind.Class when _configuration != 0 && setup.Index == CdcAcmDescriptors.DfuInterface && _model.HasDfuRunTime => HandleDfu(setup),
        _ => UsbControlResponse.Stall,
    };

    private UsbControlResponse HandleLine(UsbSetupPacket setup, ReadOnlySpan<byte> data)
    {
        switch (setup)
        {
            case { RequestType: 0x21, Request: SetLineCoding, Length: LineCoding.Size }:
                _coding = LineCoding.Read(data);
                return UsbControlResponse.Ack;
            case { RequestType: 0xA1, Request: GetLineCoding }:
                return Data(_coding.ToBytes(), setup);
            case { RequestType: 0x21, Request: SetControlLineState, Length: 0 }:
                SetLines((setup.Value & 1) != 0, (setup.Value & 2) != 0);
                return UsbControlResponse.Ack;
            case { RequestType: 0x21, Request: SendBreak, Length: 0 }:
                return UsbControlResponse.Ack;
            default:
                return UsbControlResponse.Stall;
        }
    }

    private void SetLines(bool dataTerminalReady, bool requestToSend)
    {
        (DataTerminalReady, RequestToSend) = (dataTerminalReady, requestToSend);
        if (CanSend)
        {
            _output.Serve();
        }

        _program.LinesChanged(_coding);
        Proceed();
    }

    private UsbControlResponse HandleDfu(UsbSetupPacket setup)
    {
        switch (setup)
        {
            case { RequestType: DfuRequest.Out, Request: DfuDetach }:
                ((IProgramLine)this).EnterBootloader();
                return UsbControlResponse.Ack;
            case { RequestType: DfuRequest.In, Request: DfuGetStatus }:
                return Data([0, 0, 0, 0, (byte)DfuState.AppIdle, 0], setup);
            case { RequestType: DfuRequest.In, Request: DfuGetState }:
                return Data([(byte)DfuState.AppIdle], setup);
            default:
                return UsbControlResponse.Stall;
        }
    }

    private UsbControlResponse HandleStandard(UsbSetupPacket setup)
    {
        switch (setup)
        {
            case { RequestType: 0x80, Request: UsbStandardRequest.GetDescriptor }:
                return Data(Descriptor((byte)(setup.Value >> 8), (byte)(setup.Value & 0xFF)), setup);
            case { RequestType: 0x80, Request: UsbStandardRequest.GetStatus, Index: 0 }:
            case { RequestType: 0x81, Request: UsbStandardRequest.GetStatus } when HasInterface(setup.Index):
                return Data([0, 0], setup);
            case { RequestType: 0x82, Request: UsbStandardRequest.GetStatus } when HasEndpoint(setup.Index):
                return Data([(byte)(_halted.Contains(setup.Index) ? 1 : 0), 0], setup);
            case { RequestType: 0x80, Request: UsbStandardRequest.GetConfiguration }:
                return Data([_configuration], setup);
            case { RequestType: 0x00, Request: UsbStandardRequest.SetConfiguration, Value: 0 or 1 }:
                _configuration = (byte)setup.Value;
                _halted.Clear();
                _input.Clear();
                SetLines(dataTerminalReady: false, requestToSend: false);
                return UsbControlResponse.Ack;
            case { RequestType: 0x81, Request: UsbStandardRequest.GetInterface } when HasInterface(setup.Index):
                return Data([0], setup);
            case { RequestType: 0x01, Request: UsbStandardRequest.SetInterface, Value: 0 } when HasInterface(setup.Index):
            case { RequestType: 0x00, Request: UsbStandardRequest.SetAddress }:
                return UsbControlResponse.Ack;
            case { RequestType: 0x02, Request: UsbStandardRequest.ClearFeature, Value: 0 } when HasEndpoint(setup.Index):
                _halted.Remove(setup.Index);
                return UsbControlResponse.Ack;
            case { RequestType: 0x02, Request: UsbStandardRequest.SetFeature, Value: 0 } when HasEndpoint(setup.Index) && (setup.Index & 0x7F) != 0:
                _halted.Add(setup.Index);
                return UsbControlResponse.Ack;
            default:
                return UsbControlResponse.Stall;
        }
    }

    private byte[]? Descriptor(byte type, byte index) => type switch
    {
        UsbStandardRequest.DeviceDescriptor when index == 0 => _descriptors.Device,
        UsbStandardRequest.ConfigurationDescriptor when index == 0 => _descriptors.Configuration,
        UsbStandardRequest.StringDescriptor => _descriptors.String(index),
        _ => null,
    };

    private bool HasInterface(ushort index) => _configuration != 0 && index < _descriptors.Interfaces;

    private bool HasEndpoint(ushort index) =>
        index is 0 or 0x80
        || (_configuration != 0 && index is CdcAcmDescriptors.DataEndpoint or (0x80 | CdcAcmDescriptors.DataEndpoint) or CdcAcmDescriptors.NotificationEndpoint);
}
