using System.IO.Pipes;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Serial;

/// <summary>Ends a wait in poll(2) from another thread: a pipe with at most one byte in it.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal sealed class Wakeup : IDisposable
{
    private readonly AnonymousPipeServerStream _read = new(PipeDirection.In, HandleInheritability.None);
    private readonly SafeFileHandle _readEnd;
    private readonly SafeFileHandle _writeEnd;
    private int _isSet;

    public Wakeup()
    {
        _readEnd = new SafeFileHandle(_read.SafePipeHandle.DangerousGetHandle(), ownsHandle: false);
        _writeEnd = new SafeFileHandle(_read.ClientSafePipeHandle.DangerousGetHandle(), ownsHandle: false);
    }

    /// <summary>What poll waits for: there is something to read when it was set.</summary>
    public int File => (int)_readEnd.DangerousGetHandle();

    /// <summary>Ends the wait that is on, or else the next one. For any thread, but not once it is disposed.</summary>
    public void Set()
    {
        if (Interlocked.Exchange(ref _isSet, 1) == 0)
        {
            _ = Libc.Write(_writeEnd, [1], 1);
        }
    }

    /// <summary>Makes it ready for the next time. Only after poll found it set.</summary>
    public void Reset()
    {
        Span<byte> one = stackalloc byte[1];
        _ = Libc.Read(_readEnd, one, 1);
        Volatile.Write(ref _isSet, 0);
    }

    public void Dispose() => _read.Dispose();
}
