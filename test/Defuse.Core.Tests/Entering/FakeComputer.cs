using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Entering;
using Defuse.Simulator;
using Defuse.Transports;

namespace Defuse.Core.Tests.Entering;

/// <summary>A computer with USB devices and serial ports that come and go as a test wants, in virtual time.</summary>
internal sealed class FakeComputer : IUsbHost, ISerialHost
{
    private readonly Lock _gate = new();
    private ImmutableArray<UsbDeviceInfo> _devices = [];
    private ImmutableArray<SerialPortInfo> _ports = [];
    private ImmutableArray<FakePort> _opened = [];

    public TimeProvider Time { get; } = VirtualClock.Stepped();

    /// <summary>Plays what is behind a port from when it is opened.</summary>
    public Action<FakePort> OnOpened { get; set; } = _ => { };

    /// <summary>What opening a port fails with.</summary>
    public TransportException? Failure { get; set; }

    /// <summary>What asking for the USB devices fails with.</summary>
    public TransportException? ListFailure { get; set; }

    public ImmutableArray<FakePort> Opened => _opened;

    public static UsbDeviceInfo MicroPython(string location = "1-4", byte address = 5) => new()
    {
        Location = location,
        VendorId = 0xF055,
        ProductId = 0x9800,
        Manufacturer = "MicroPython",
        Product = "Pyboard Virtual Comm Port in FS Mode",
        SerialNumber = "205B33875532",
        DeviceAddress = address,
        Interfaces = [new UsbInterfaceInfo(2, 2, 1), new UsbInterfaceInfo(10, 0, 0)],
    };

    public static UsbDeviceInfo Dfu(string location = "1-4", byte address = 6, string serial = "205B33875532") => new()
    {
        Location = location,
        VendorId = 0x0483,
        ProductId = 0xDF11,
        Product = "STM32  BOOTLOADER",
        SerialNumber = serial,
        DeviceAddress = address,
        Interfaces = [new UsbInterfaceInfo(0xFE, 1, 2)],
    };

    public static SerialPortInfo Port(string? location = "1-4", string name = "/dev/ttyACM0") => new() { Name = name, UsbLocation = location, InterfaceNumber = 1 };

    /// <summary>A board that is plugged in, and its program known.</summary>
    public static RunningBoard Board(params EntryWay[] ways) => new()
    {
        Name = "MicroPython",
        Device = MicroPython(),
        Program = new BoardProgram(ProgramKind.MicroPython, "MicroPython"),
        Ports = [Port()],
        Ways = [.. ways],
        IsOwnUsb = true,
    };

    public static FakeComputer With(UsbDeviceInfo device, params SerialPortInfo[] ports)
    {
        var computer = new FakeComputer();
        computer.Plug(device, ports);
        return computer;
    }

    public DfuEntrance Entrance() => new(this, this, UsbIdDatabase.Default, Time);

    public void Plug(UsbDeviceInfo device, params SerialPortInfo[] ports)
    {
        lock (_gate)
        {
            _devices = _devices.Add(device);
            _ports = _ports.AddRange(ports);
        }
    }

    public void Unplug(string location)
    {
        lock (_gate)
        {
            _devices = _devices.RemoveAll(x => x.Location == location);
            _ports = _ports.RemoveAll(x => x.UsbLocation == location);
        }

        foreach (var port in _opened.Where(x => x.Info.UsbLocation == location))
        {
            port.Leave();
        }
    }

    /// <summary>Has the device at a location leave, and another one come after a while.</summary>
    public void Reenumerate(string location, UsbDeviceInfo? next, params SerialPortInfo[] ports)
    {
        // Timers, whose callbacks the clock itself runs: a task that went on later could be overtaken by a clock that jumps.
        After(TimeSpan.FromMilliseconds(50), () => Unplug(location));
        if (next is not null)
        {
            After(TimeSpan.FromMilliseconds(750), () => Plug(next, ports));
        }
    }

    /// <summary>Does something when its time comes.</summary>
    public void After(TimeSpan time, Action action) => Time.CreateTimer(_ => action(), state: null, time, Timeout.InfiniteTimeSpan);

    ValueTask<IReadOnlyList<UsbDeviceInfo>> IUsbHost.ListAsync(CancellationToken cancellationToken) =>
        ListFailure is null ? ValueTask.FromResult<IReadOnlyList<UsbDeviceInfo>>(_devices) : throw ListFailure;

    ValueTask<IReadOnlyList<SerialPortInfo>> ISerialHost.ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<SerialPortInfo>>(_ports);

    ValueTask<IUsbDevice> IUsbHost.OpenAsync(string location, CancellationToken cancellationToken) =>
        throw new TransportException(TransportFailure.CannotOpen, "this test opens no USB device");

    ValueTask<ISerialPort> ISerialHost.OpenAsync(string name, SerialSettings settings, CancellationToken cancellationToken)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        var info = _ports.FirstOrDefault(x => x.Name == name) ?? throw new TransportException(TransportFailure.Disconnected, $"{name} is not there");
        var port = new FakePort(info, settings, Time);
        lock (_gate)
        {
            _opened = _opened.Add(port);
        }

        OnOpened(port);
        return ValueTask.FromResult<ISerialPort>(port);
    }
}
