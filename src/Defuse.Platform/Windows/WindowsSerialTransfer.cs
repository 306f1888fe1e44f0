using System.Runtime.InteropServices;

namespace Defuse.Platform.Windows;

/// <summary>Reads or writes of a port, one after the other, with memory that the driver may use while they are on their way.</summary>
internal sealed unsafe class WindowsSerialTransfer(IWindowsSerial native, nint file) : IDisposable
{
    public const int Size = 4096;

    private readonly WinUsbOverlapped _overlapped = new();
    private byte* _buffer = (byte*)NativeMemory.Alloc(Size);

    /// <summary>The data. Not to be touched while a transfer is on its way.</summary>
    public Span<byte> Buffer => new(_buffer, Size);

    /// <summary>Begins to read as much as there is.</summary>
    /// <returns>The Win32 error, and how many bytes came.</returns>
    public Task<(int Error, int Count)> ReadAsync()
    {
        _overlapped.Reset();
        return EndAsync(native.Read(file, (nint)_buffer, Size, _overlapped));
    }

    /// <summary>Begins to write what the buffer begins with.</summary>
    /// <returns>The Win32 error, and how many bytes went.</returns>
    public Task<(int Error, int Count)> WriteAsync(int length)
    {
        _overlapped.Reset();
        return EndAsync(native.Write(file, (nint)_buffer, (uint)length, _overlapped));
    }

    /// <summary>Has the transfer that is on its way end soon.</summary>
    public void Cancel() => native.Cancel(file, _overlapped);

    public void Dispose()
    {
        _overlapped.Dispose();
        NativeMemory.Free(_buffer);
        _buffer = null;
    }

    private Task<(int Error, int Count)> EndAsync(int error)
    {
        if (error is not (Win32Error.None or Win32Error.IoPending))
        {
            return Task.FromResult((error, 0));
        }

        if (_overlapped.Completed.WaitOne(0))
        {
            return Task.FromResult(Result());
        }

        var ended = new TaskCompletionSource<(int, int)>(TaskCreationOptions.RunContinuationsAsynchronously);
        ThreadPool.UnsafeRegisterWaitForSingleObject(
            _overlapped.Completed, (_, _) => ended.TrySetResult(Result()), null, Timeout.Infinite, executeOnlyOnce: true);
        return ended.Task;
    }

    private (int Error, int Count) Result()
    {
        var error = native.GetResult(file, _overlapped, out var count);
        return (error, (int)Math.Min(count, Size));
    }
}
