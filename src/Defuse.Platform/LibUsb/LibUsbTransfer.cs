using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Defuse.Transports;

namespace Defuse.Platform.LibUsb;

/// <summary>One control transfer. It may be disposed when it was never submitted, or when it is done; in between libusb has it.</summary>
internal sealed unsafe class LibUsbTransfer : IDisposable
{
    private readonly ILibUsb _native;
    private readonly LibUsbDeviceHandle _handle;
    private readonly TaskCompletionSource<LibUsbTransferStatus> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly bool _holdsHandle;
    private NativeTransfer* _transfer;
    private byte* _buffer;
    private GCHandle _self;

    public LibUsbTransfer(ILibUsb native, LibUsbDeviceHandle handle, UsbSetupPacket setup, ReadOnlySpan<byte> data, TimeSpan timeout)
    {
        _native = native;
        _handle = handle;
        handle.DangerousAddRef(ref _holdsHandle);
        try
        {
            _transfer = native.AllocateTransfer();
            if (_transfer is null)
            {
                throw new TransportException(TransportFailure.Fault, "libusb has no memory for a transfer");
            }

            var length = UsbSetupPacket.Size + setup.Length;
            _buffer = (byte*)NativeMemory.AllocZeroed((nuint)length);
            setup.Write(new Span<byte>(_buffer, UsbSetupPacket.Size));
            data.CopyTo(Data(setup.Length));
            _self = GCHandle.Alloc(this);
            _transfer->Handle = handle.DangerousGetHandle();
            _transfer->Endpoint = 0;
            _transfer->Type = NativeTransfer.Control;
            _transfer->Timeout = Milliseconds(timeout);
            _transfer->Buffer = _buffer;
            _transfer->Length = length;
            _transfer->UserData = GCHandle.ToIntPtr(_self);
            _transfer->Callback = &OnDone;
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>How it ended. Only then is it libusb's no more.</summary>
    public Task<LibUsbTransferStatus> Done => _done.Task;

    /// <summary>How many bytes of data went over the wire, once it is done.</summary>
    public int ActualLength { get; private set; }

    public LibUsbError Submit() => _native.SubmitTransfer(_transfer);

    /// <summary>Asks for its end; <see cref="Done"/> tells when that is, and whether the transfer was done first.</summary>
    public void Cancel() => _ = _native.CancelTransfer(_transfer);

    public void CopyTo(Span<byte> destination) => Data(Math.Min(ActualLength, destination.Length)).CopyTo(destination);

    public void Dispose()
    {
        if (_transfer is not null)
        {
            _native.FreeTransfer(_transfer);
            _transfer = null;
        }

        NativeMemory.Free(_buffer);
        _buffer = null;
        if (_self.IsAllocated)
        {
            _self.Free();
        }

        if (_holdsHandle)
        {
            _handle.DangerousRelease();
        }
    }

    // libusb takes 0 for "for ever".
    private static uint Milliseconds(TimeSpan timeout) =>
        timeout == Timeout.InfiniteTimeSpan ? 0 : (uint)Math.Clamp(Math.Ceiling(timeout.TotalMilliseconds), 1, int.MaxValue);

    [UnmanagedCallersOnly]
    private static void OnDone(NativeTransfer* transfer)
    {
        var self = Unsafe.As<LibUsbTransfer>(GCHandle.FromIntPtr(transfer->UserData).Target!);
        self.ActualLength = transfer->ActualLength;
        self._done.TrySetResult(transfer->Status);
    }

    private Span<byte> Data(int length) => new(_buffer + UsbSetupPacket.Size, length);
}
