using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Defuse.Transports;
using Microsoft.Extensions.Logging;

namespace Defuse.Platform.LibUsb;

/// <summary>A libusb context and the thread on which its events are handled. It ends when the last of those that acquired it released it.</summary>
internal sealed unsafe class LibUsbSession
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly ILibUsb _native;
    private readonly ILogger _logger;
    private readonly LibUsbContext _context;
    private readonly Lock _gate = new();
    private readonly object _pause = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private GCHandle _self;
    private Action? _changed;
    private int? _hotplug;
    private int _users = 1;
    private bool _isStopping;

    /// <summary>A session that is acquired once already.</summary>
    /// <exception cref="TransportException">libusb cannot be started.</exception>
    public LibUsbSession(ILibUsb native, ILogger logger)
    {
        _native = native;
        _logger = logger;
        _context = LibUsbContext.Create(native);
        _self = GCHandle.Alloc(this);
        new Thread(HandleEvents) { IsBackground = true, Name = "libusb events" }.Start();
    }

    /// <summary>False if it has ended, or is about to.</summary>
    public bool TryAcquire()
    {
        lock (_gate)
        {
            if (_users == 0)
            {
                return false;
            }

            _users++;
            return true;
        }
    }

    /// <summary>Whoever releases it last waits for its end.</summary>
    public Task ReleaseAsync()
    {
        lock (_gate)
        {
            if (--_users > 0)
            {
                return Task.CompletedTask;
            }
        }

        lock (_pause)
        {
            Volatile.Write(ref _isStopping, true);
            Monitor.Pulse(_pause);
        }

        _native.InterruptEventHandler(_context);
        return _ended.Task;
    }

    public (LibUsbDeviceReference Reference, UsbDeviceInfo Info)? Find(string location) => LibUsbDevices.Find(_native, _context, location);

    /// <summary>Calls, on the event thread, when a device came or went; does nothing where libusb cannot tell.</summary>
    public void Watch(Action changed)
    {
        lock (_gate)
        {
            _changed += changed;
            if (_hotplug is null && _native.HasCapability(LibUsbCapability.HasHotplug)
                && _native.RegisterHotplug(_context, &OnChange, GCHandle.ToIntPtr(_self), out var registration) == LibUsbError.Success)
            {
                _hotplug = registration;
            }
        }
    }

    public void Unwatch(Action changed)
    {
        lock (_gate)
        {
            _changed -= changed;
        }
    }

    [UnmanagedCallersOnly]
    private static int OnChange(nint context, nint device, int kind, nint userData)
    {
        Volatile.Read(ref Unsafe.As<LibUsbSession>(GCHandle.FromIntPtr(userData).Target!)._changed)?.Invoke();
        return 0;
    }

    private void HandleEvents()
    {
        while (!Volatile.Read(ref _isStopping))
        {
            if (_native.HandleEvents(_context) is var error and not (LibUsbError.Success or LibUsbError.Interrupted))
            {
                Log.EventsFailed(_logger, LibUsbErrors.Name(error));
                lock (_pause)
                {
                    _ = _isStopping || Monitor.Wait(_pause, PauseAfterFailure);
                }
            }
        }

        if (_hotplug is { } registration)
        {
            _native.DeregisterHotplug(_context, registration);
        }

        _context.Dispose();
        _self.Free();
        _ended.SetResult();
    }
}
