using System.Runtime.InteropServices;
using Defuse.Platform.LibUsb;
using Defuse.Transports;

namespace Defuse.Platform.Tests.LibUsb;

/// <summary>
/// libusb as its documentation has it, and as strict as the real one is where a mistake ends in a crash: what is used after it
/// was freed, freed twice, freed while libusb has it, or never freed, is noted. Callbacks come from the thread that handles
/// events, and from no other.
/// </summary>
internal sealed unsafe class FakeLibUsb : ILibUsb
{
    private readonly object _gate = new();
    private readonly List<FakeUsbDevice> _bus = [];
    private readonly Dictionary<nint, Context> _contexts = [];
    private readonly Dictionary<nint, Device> _devices = [];
    private readonly Dictionary<nint, Handle> _handles = [];
    private readonly Dictionary<nint, Transfer> _transfers = [];
    private readonly Dictionary<nint, nint[]> _lists = [];
    private readonly HashSet<nint> _configurations = [];
    private readonly List<string> _mistakes = [];
    private nint _lastId = 0x1000;

    public AccessProblem? Missing { get; init; }

    /// <summary>Whether contexts are told of devices that come after they were made (on Linux: whether udev runs).</summary>
    public bool SeesChanges { get; init; } = true;

    public bool HasHotplug { get; init; } = true;

    public LibUsbError InitError { get; set; }

    public LibUsbError SubmitError { get; set; }

    /// <summary>Runs in the middle of the making of a list.</summary>
    public Action? WhileListing { get; set; }

    /// <summary>While set, what was cancelled stays in flight.</summary>
    public bool HoldCancellations { get; set; }

    /// <summary>What a cancelled transfer ends with: it may have been done just before.</summary>
    public LibUsbTransferStatus CancelledEndsAs { get; set; } = LibUsbTransferStatus.Cancelled;

    /// <summary>How often HandleEvents fails before it works.</summary>
    public int EventFailures { get; set; }

    /// <summary>Whether HandleEvents returns when nothing has happened, as it may.</summary>
    public bool IsRestless { get; init; }

    public int Inits { get; private set; }

    public int InFlight => Count(() => _transfers.Values.Count(x => x.IsInFlight));

    public int LiveContexts => Count(() => _contexts.Count);

    /// <summary>The most contexts that there were at the same time.</summary>
    public int MostContexts { get; private set; }

    /// <summary>Interfaces whose driver of the kernel's was detached, and not attached again.</summary>
    public int Detached { get; private set; }

    public void Plug(FakeUsbDevice device)
    {
        lock (_gate)
        {
            _bus.Add(device);
            if (SeesChanges)
            {
                foreach (var context in _contexts.Values)
                {
                    Tell(context, Add(context, device), 1);
                }
            }
        }
    }

    public void Unplug(FakeUsbDevice device)
    {
        lock (_gate)
        {
            _bus.Remove(device);
            foreach (var transfer in _transfers.Values.Where(x => x.IsInFlight && x.Device?.Real == device))
            {
                End(transfer, LibUsbTransferStatus.NoDevice, []);
            }

            if (SeesChanges)
            {
                foreach (var context in _contexts.Values)
                {
                    if (context.Devices.FirstOrDefault(x => _devices[x].Real == device) is not 0 and var left)
                    {
                        context.Devices.Remove(left);
                        Tell(context, left, 2);
                        Unreference(left);
                    }
                }
            }
        }
    }

    /// <summary>Lets cancellations that were held back take effect.</summary>
    public void ReleaseCancellations()
    {
        lock (_gate)
        {
            HoldCancellations = false;
            foreach (var transfer in _transfers.Values.Where(x => x is { IsInFlight: true, IsCancelled: true }))
            {
                End(transfer, CancelledEndsAs, transfer.LateData);
            }
        }
    }

    /// <summary>That nothing was done wrong, and nothing is left.</summary>
    public void AssertClean()
    {
        lock (_gate)
        {
            Assert.Empty(_mistakes);
            Assert.Equal(
                (0, 0, 0, 0, 0, 0),
                (_contexts.Count, _devices.Count, _handles.Count, _transfers.Count, _lists.Count, _configurations.Count));
        }
    }

    public LibUsbError Init(out nint context)
    {
        lock (_gate)
        {
            context = 0;
            Inits++;
            if (InitError != LibUsbError.Success)
            {
                return InitError;
            }

            var made = new Context();
            _contexts.Add(context = NextId(), made);
            MostContexts = Math.Max(MostContexts, _contexts.Count);
            foreach (var device in _bus)
            {
                Add(made, device);
            }

            return LibUsbError.Success;
        }
    }

    public void Exit(nint context)
    {
        lock (_gate)
        {
            if (!_contexts.Remove(context, out var gone))
            {
                Mistake("a context was ended twice");
                return;
            }

            Check(gone.Callback is null, "a context ended with a hot-plug callback");
            Check(!gone.IsHandling, "a context ended while its events were handled");
            Check(!_handles.Values.Any(x => x.Device.Context == gone), "a context ended with an open device");
            foreach (var device in gone.Devices)
            {
                Unreference(device);
            }

            Check(!_devices.Values.Any(x => x.Context == gone), "a context ended with a device that is still referred to");
        }
    }

    public bool HasCapability(LibUsbCapability capability) => capability != LibUsbCapability.HasHotplug || HasHotplug;

    public nint GetDeviceList(LibUsbContext context, out nint* list)
    {
        WhileListing?.Invoke();
        lock (_gate)
        {
            list = null;
            if (Find(context) is not { } found)
            {
                return (nint)LibUsbError.InvalidParameter;
            }

            var devices = found.Devices.ToArray();
            list = (nint*)NativeMemory.AllocZeroed((nuint)(devices.Length + 1), (nuint)sizeof(nint));
            devices.CopyTo(new Span<nint>(list, devices.Length));
            foreach (var device in devices)
            {
                _devices[device].References++;
            }

            _lists.Add((nint)list, devices);
            return devices.Length;
        }
    }

    public void FreeDeviceList(nint* list, bool unreference)
    {
        lock (_gate)
        {
            if (!_lists.Remove((nint)list, out var devices))
            {
                Mistake("a list was freed twice");
                return;
            }

            foreach (var device in unreference ? devices : [])
            {
                Unreference(device);
            }

            NativeMemory.Free(list);
        }
    }

    public void ReferenceDevice(nint device) => With(device, x => x.References++);

    public void UnreferenceDevice(nint device)
    {
        lock (_gate)
        {
            Unreference(device);
        }
    }

    public byte GetBusNumber(nint device) => With(device, x => x.Real.Bus);

    public int GetPortNumbers(nint device, Span<byte> ports)
    {
        var real = With(device, x => x.Real);
        if (real.Ports.Length > ports.Length)
        {
            return (int)LibUsbError.Overflow;
        }

        real.Ports.CopyTo(ports);
        return real.PortResult ?? real.Ports.Length;
    }

    public byte GetDeviceAddress(nint device) => With(device, x => x.Real.Address);

    public int GetDeviceSpeed(nint device) => With(device, x => x.Real.Speed);

    public LibUsbError GetDeviceDescriptor(nint device, out NativeDeviceDescriptor descriptor)
    {
        var real = With(device, x => x.Real);
        descriptor = real.DescriptorError == LibUsbError.Success ? real.Descriptor : default;
        return real.DescriptorError;
    }

    public LibUsbError GetActiveConfigDescriptor(nint device, out NativeConfigDescriptor* descriptor)
    {
        var kind = With(device, x => x.Real.Configuration);
        descriptor = null;
        if (kind == FakeConfiguration.NotFound)
        {
            return LibUsbError.NotFound;
        }

        // One block: the configuration, two interfaces, and the settings of the first.
        var size = sizeof(NativeConfigDescriptor) + (2 * sizeof(NativeInterface)) + (3 * sizeof(NativeInterfaceDescriptor));
        descriptor = (NativeConfigDescriptor*)NativeMemory.AllocZeroed((nuint)size);
        var interfaces = (NativeInterface*)(descriptor + 1);
        var settings = (NativeInterfaceDescriptor*)(interfaces + 2);
        descriptor->InterfaceCount = kind == FakeConfiguration.NoInterfaces ? (byte)255 : (byte)2;
        descriptor->Interfaces = kind == FakeConfiguration.NoInterfaces ? null : interfaces;
        for (var i = 0; i < 3; i++)
        {
            settings[i] = new NativeInterfaceDescriptor { InterfaceClass = (byte)(i < 2 ? 0xFE : 3), InterfaceSubClass = (byte)(i < 2 ? 1 : 0), InterfaceProtocol = (byte)(i < 2 ? 2 : 0), AlternateSetting = (byte)(i % 2) };
        }

        interfaces[0] = new NativeInterface { AlternateSettings = kind == FakeConfiguration.NoAlternateSettings ? null : settings, AlternateSettingCount = kind == FakeConfiguration.NegativeCount ? -1 : 2 };
        interfaces[1] = new NativeInterface { AlternateSettings = kind == FakeConfiguration.NoAlternateSettings ? null : settings + 2, AlternateSettingCount = kind == FakeConfiguration.NegativeCount ? -1 : 1 };
        lock (_gate)
        {
            _configurations.Add((nint)descriptor);
        }

        return LibUsbError.Success;
    }

    public void FreeConfigDescriptor(NativeConfigDescriptor* descriptor)
    {
        lock (_gate)
        {
            if (_configurations.Remove((nint)descriptor))
            {
                NativeMemory.Free(descriptor);
            }
            else
            {
                Mistake("a configuration descriptor was freed twice");
            }
        }
    }

    public LibUsbError Open(LibUsbDeviceReference device, out nint handle)
    {
        lock (_gate)
        {
            handle = 0;
            if (!_devices.TryGetValue(device.DangerousGetHandle(), out var found))
            {
                Mistake("a device was opened that is referred to no more");
                return LibUsbError.InvalidParameter;
            }

            if (!_bus.Contains(found.Real))
            {
                return LibUsbError.NoDevice;
            }

            if (found.Real.OpenError != LibUsbError.Success)
            {
                return found.Real.OpenError;
            }

            found.References++;
            _handles.Add(handle = NextId(), new Handle(found, device.DangerousGetHandle()));
            return LibUsbError.Success;
        }
    }

    public void Close(nint handle)
    {
        lock (_gate)
        {
            if (!_handles.Remove(handle, out var gone))
            {
                Mistake("a device was closed twice");
                return;
            }

            Check(gone.Claimed.Count == 0, "a device was closed with a claimed interface");
            Check(!_transfers.Values.Any(x => x.IsInFlight && x.Handle == gone), "a device was closed with a transfer in flight");
            Check(!gone.Device.Context.IsCallingBack || Environment.CurrentManagedThreadId != gone.Device.Context.Thread, "a device was closed in a callback");
            Unreference(gone.DeviceId);
        }
    }

    public LibUsbError ClaimInterface(LibUsbDeviceHandle handle, int interfaceNumber) => WithHandle(handle, x =>
    {
        var taken = x.Device.Real.TakenByOthers.Contains(interfaceNumber) || x.Device.Real.KernelDrivers.Contains(interfaceNumber)
            || _handles.Values.Any(y => y != x && y.Device.Real == x.Device.Real && y.Claimed.Contains(interfaceNumber));
        if (interfaceNumber > 1)
        {
            return LibUsbError.NotFound;
        }

        if (!taken)
        {
            x.Claimed.Add(interfaceNumber);
        }

        return taken ? LibUsbError.Busy : LibUsbError.Success;
    });

    public LibUsbError ReleaseInterface(LibUsbDeviceHandle handle, int interfaceNumber)
    {
        lock (_gate)
        {
            // libusb forgets the claim whatever the system says.
            if (_handles.TryGetValue(handle.DangerousGetHandle(), out var found) && !found.Claimed.Remove(interfaceNumber))
            {
                Mistake("an interface was released that was not claimed");
                return LibUsbError.NotFound;
            }

            return WithHandle(handle, _ => LibUsbError.Success);
        }
    }

    public LibUsbError SetInterfaceAlternateSetting(LibUsbDeviceHandle handle, int interfaceNumber, int alternateSetting) =>
        WithHandle(handle, x => !x.Claimed.Contains(interfaceNumber) ? LibUsbError.NotFound : alternateSetting > 1 ? LibUsbError.Pipe : LibUsbError.Success);

    public int KernelDriverActive(LibUsbDeviceHandle handle, int interfaceNumber) =>
        (int)WithHandle(handle, x => (LibUsbError)(x.Device.Real.KernelDrivers.Contains(interfaceNumber) ? 1 : 0));

    public LibUsbError DetachKernelDriver(LibUsbDeviceHandle handle, int interfaceNumber) => WithHandle(handle, x =>
    {
        if (!x.Device.Real.KernelDrivers.Remove(interfaceNumber))
        {
            return LibUsbError.NotFound;
        }

        Detached++;
        return LibUsbError.Success;
    });

    public LibUsbError AttachKernelDriver(LibUsbDeviceHandle handle, int interfaceNumber) => WithHandle(handle, x =>
    {
        if (x.Claimed.Contains(interfaceNumber))
        {
            return LibUsbError.Busy;
        }

        Detached--;
        x.Device.Real.KernelDrivers.Add(interfaceNumber);
        return LibUsbError.Success;
    });

    public NativeTransfer* AllocateTransfer()
    {
        lock (_gate)
        {
            var transfer = (NativeTransfer*)NativeMemory.AllocZeroed((nuint)sizeof(NativeTransfer));
            _transfers.Add((nint)transfer, new Transfer((nint)transfer));
            return transfer;
        }
    }

    public void FreeTransfer(NativeTransfer* transfer)
    {
        lock (_gate)
        {
            if (!_transfers.TryGetValue((nint)transfer, out var found))
            {
                Mistake("a transfer was freed twice");
            }
            else if (found.IsInFlight)
            {
                // Its memory stays, so that the test that finds this can go on.
                Mistake("a transfer was freed in flight");
            }
            else
            {
                _transfers.Remove((nint)transfer);
                NativeMemory.Free(transfer);
            }
        }
    }

    public LibUsbError SubmitTransfer(NativeTransfer* transfer)
    {
        lock (_gate)
        {
            if (!_transfers.TryGetValue((nint)transfer, out var found))
            {
                Mistake("a transfer was submitted that was freed");
                return LibUsbError.InvalidParameter;
            }

            if (found.IsInFlight)
            {
                Mistake("a transfer was submitted twice");
                return LibUsbError.Busy;
            }

            if (!_handles.TryGetValue(transfer->Handle, out var handle))
            {
                Mistake("a transfer was submitted to a device that is not open");
                return LibUsbError.NoDevice;
            }

            if (SubmitError != LibUsbError.Success)
            {
                return SubmitError;
            }

            var setup = UsbSetupPacket.Read(new ReadOnlySpan<byte>(transfer->Buffer, UsbSetupPacket.Size));
            Check(transfer->Callback is not null && transfer->Type == 0 && transfer->Endpoint == 0, "a transfer was submitted half filled in");
            Check(transfer->Length == UsbSetupPacket.Size + setup.Length, "a transfer's length is not that of its setup packet");
            Check(setup.Kind != UsbRequestKind.Class || (setup.RequestType & 0x1F) != 1 || handle.Claimed.Contains(setup.Index & 0xFF), "an interface was used that is not claimed");
            if (!_bus.Contains(handle.Device.Real))
            {
                return LibUsbError.NoDevice;
            }

            found.Handle = handle;
            found.IsInFlight = true;
            found.IsCancelled = false;
            var data = setup.IsIn ? [] : new ReadOnlySpan<byte>(transfer->Buffer + UsbSetupPacket.Size, setup.Length).ToArray();
            if (handle.Device.Real.Answer(setup, data) is { } answer)
            {
                End(found, answer.Status, answer.Data, answer.Length ?? (setup.IsIn ? answer.Data.Length : setup.Length));
            }
            else
            {
                found.LateData = [1, 2, 3];
                if (transfer->Timeout > 0)
                {
                    found.Timer = new Timer(_ => TimeOut(found), null, transfer->Timeout, Timeout.Infinite);
                }
            }

            return LibUsbError.Success;
        }
    }

    public LibUsbError CancelTransfer(NativeTransfer* transfer)
    {
        lock (_gate)
        {
            if (!_transfers.TryGetValue((nint)transfer, out var found))
            {
                Mistake("a transfer was cancelled that was freed");
                return LibUsbError.InvalidParameter;
            }

            if (!found.IsInFlight || found.IsEnding || found.IsCancelled)
            {
                return LibUsbError.NotFound;
            }

            found.IsCancelled = true;
            if (!HoldCancellations)
            {
                End(found, CancelledEndsAs, found.LateData);
            }

            return LibUsbError.Success;
        }
    }

    public LibUsbError HandleEvents(LibUsbContext context)
    {
        Context found;
        var work = new List<Action>();
        lock (_gate)
        {
            if (Find(context) is not { } known)
            {
                return LibUsbError.InvalidParameter;
            }

            found = known;
            if (EventFailures > 0)
            {
                EventFailures--;
                return LibUsbError.Io;
            }

            Check(!found.IsHandling, "two threads handle events");
            found.IsHandling = true;
            found.Thread = Environment.CurrentManagedThreadId;
            while (found.Work.Count == 0 && !found.IsInterrupted && !IsRestless)
            {
                Monitor.Wait(_gate);
            }

            found.IsInterrupted = false;
            while (found.Work.TryDequeue(out var next))
            {
                work.Add(next);
            }

            found.IsCallingBack = true;
        }

        foreach (var action in work)
        {
            action();
        }

        lock (_gate)
        {
            found.IsCallingBack = false;
            found.IsHandling = false;
        }

        return LibUsbError.Success;
    }

    public void InterruptEventHandler(LibUsbContext context)
    {
        lock (_gate)
        {
            if (Find(context) is { } found)
            {
                found.IsInterrupted = true;
                Monitor.PulseAll(_gate);
            }
        }
    }

    public LibUsbError RegisterHotplug(LibUsbContext context, delegate* unmanaged<nint, nint, int, nint, int> callback, nint userData, out int registration)
    {
        lock (_gate)
        {
            registration = 7;
            if (!HasHotplug)
            {
                return LibUsbError.NotSupported;
            }

            if (Find(context) is { } found)
            {
                Check(found.Callback is null, "a second hot-plug callback was registered");
                found.Id = context.DangerousGetHandle();
                found.Callback = callback;
                found.UserData = userData;
            }

            return LibUsbError.Success;
        }
    }

    public void DeregisterHotplug(LibUsbContext context, int registration)
    {
        lock (_gate)
        {
            if (Find(context) is { } found)
            {
                Check(found.Callback is not null && registration == 7, "a hot-plug callback was taken back that was not registered");
                found.Callback = null;
            }
        }
    }

    private int Count(Func<int> count)
    {
        lock (_gate)
        {
            return count();
        }
    }

    private nint NextId() => _lastId += 16;

    private void Mistake(string mistake) => _mistakes.Add(mistake);

    private void Check(bool isRight, string mistake)
    {
        if (!isRight)
        {
            Mistake(mistake);
        }
    }

    private Context? Find(LibUsbContext context)
    {
        if (_contexts.TryGetValue(context.DangerousGetHandle(), out var found))
        {
            return found;
        }

        Mistake("a context was used that has ended");
        return null;
    }

    private nint Add(Context context, FakeUsbDevice device)
    {
        var id = NextId();
        _devices.Add(id, new Device(context, device) { References = 1 });
        context.Devices.Add(id);
        return id;
    }

    private void Tell(Context context, nint device, int kind)
    {
        if (context.Callback is not null)
        {
            context.Work.Enqueue(() => context.Call(device, kind));
            Monitor.PulseAll(_gate);
        }
    }

    private void Unreference(nint id)
    {
        if (!_devices.TryGetValue(id, out var device))
        {
            Mistake("a device was given back too often");
        }
        else if (--device.References == 0)
        {
            Check(!device.Context.Devices.Contains(id) || !_contexts.ContainsValue(device.Context), "a device was given back that the context still has");
            _devices.Remove(id);
        }
    }

    private T With<T>(nint id, Func<Device, T> action)
    {
        lock (_gate)
        {
            if (_devices.TryGetValue(id, out var device))
            {
                return action(device);
            }

            Mistake("a device was used that is referred to no more");
            throw new InvalidOperationException("use after free");
        }
    }

    private LibUsbError WithHandle(LibUsbDeviceHandle handle, Func<Handle, LibUsbError> action)
    {
        lock (_gate)
        {
            if (!_handles.TryGetValue(handle.DangerousGetHandle(), out var found))
            {
                Mistake("a device was used that is not open");
                return LibUsbError.NoDevice;
            }

            return _bus.Contains(found.Device.Real) ? action(found) : LibUsbError.NoDevice;
        }
    }

    private void TimeOut(Transfer transfer)
    {
        lock (_gate)
        {
            if (transfer is { IsInFlight: true, IsEnding: false, IsCancelled: false })
            {
                End(transfer, LibUsbTransferStatus.TimedOut, []);
            }
        }
    }

    // Queued for the event thread; in flight until its callback is called.
    private void End(Transfer transfer, LibUsbTransferStatus status, byte[] data, int? length = null)
    {
        if (transfer.IsEnding)
        {
            return;
        }

        transfer.IsEnding = true;
        transfer.Timer?.Dispose();
        var context = transfer.Handle!.Device.Context;
        context.Work.Enqueue(() =>
        {
            NativeTransfer* native;
            lock (_gate)
            {
                native = (NativeTransfer*)transfer.Id;
                native->Status = status;
                data.CopyTo(new Span<byte>(native->Buffer + UsbSetupPacket.Size, native->Length - UsbSetupPacket.Size));
                native->ActualLength = length ?? data.Length;
                transfer.IsInFlight = false;
                transfer.IsEnding = false;
            }

            native->Callback(native);
        });
        Monitor.PulseAll(_gate);
    }

    private sealed class Context
    {
        public List<nint> Devices { get; } = [];

        public Queue<Action> Work { get; } = new();

        public bool IsInterrupted { get; set; }

        public bool IsHandling { get; set; }

        public bool IsCallingBack { get; set; }

        public int Thread { get; set; }

        public nint Id { get; set; }

        public delegate* unmanaged<nint, nint, int, nint, int> Callback { get; set; }

        public nint UserData { get; set; }

        public void Call(nint device, int kind)
        {
            if (Callback is not null)
            {
                Assert.Equal(0, Callback(Id, device, kind, UserData));
            }
        }
    }

    private sealed class Device(Context context, FakeUsbDevice real)
    {
        public Context Context => context;

        public FakeUsbDevice Real => real;

        public int References { get; set; }
    }

    private sealed class Handle(Device device, nint deviceId)
    {
        public Device Device => device;

        public nint DeviceId => deviceId;

        public HashSet<int> Claimed { get; } = [];
    }

    private sealed class Transfer(nint id)
    {
        public nint Id => id;

        public Handle? Handle { get; set; }

        public Device? Device => Handle?.Device;

        public bool IsInFlight { get; set; }

        public bool IsEnding { get; set; }

        public bool IsCancelled { get; set; }

        public byte[] LateData { get; set; } = [];

        public Timer? Timer { get; set; }
    }
}
