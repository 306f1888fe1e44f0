using System.Runtime.InteropServices;

namespace Defuse.Platform.Windows;

/// <summary>An OVERLAPPED structure and its event, at an address that does not move.</summary>
/// <remarks>
/// It completes by an event and not by the thread pool's completion port: winusb.dll does work of its own on the same file, whose
/// completions that port would not know.
/// </remarks>
internal sealed unsafe class WinUsbOverlapped : IDisposable
{
    // OVERLAPPED (minwinbase.h): two words of a pointer's size, two DWORDs, the event.
    private static readonly int EventOffset = (2 * sizeof(nint)) + (2 * sizeof(uint));

    private byte* _structure = (byte*)NativeMemory.AllocZeroed((nuint)(EventOffset + sizeof(nint)));

    /// <summary>Set when the work has completed.</summary>
    public ManualResetEvent Completed { get; } = new(initialState: false);

    public nint Address
    {
        get
        {
            ObjectDisposedException.ThrowIf(_structure is null, this);
            return (nint)_structure;
        }
    }

    /// <summary>Makes it ready for the next piece of work.</summary>
    public void Reset()
    {
        Completed.Reset();
        var structure = (byte*)Address;
        new Span<byte>(structure, EventOffset).Clear();
        *(nint*)(structure + EventOffset) = Completed.SafeWaitHandle.DangerousGetHandle();
    }

    public void Dispose()
    {
        NativeMemory.Free(_structure);
        _structure = null;
        Completed.Dispose();
    }
}
