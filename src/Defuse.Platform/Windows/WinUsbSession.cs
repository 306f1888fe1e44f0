using System.Collections.Immutable;

namespace Defuse.Platform.Windows;

/// <summary>The handles of one time that a device was opened: the file, its first interface, and those associated with it.</summary>
internal sealed class WinUsbSession : IDisposable
{
    private readonly IWinUsbNative _native;
    private readonly IWinUsbLibrary _library;
    private readonly List<Interface> _interfaces = [];

    private WinUsbSession(IWinUsbNative native, IWinUsbLibrary library, nint file, nint first, byte likelyNumber)
    {
        _native = native;
        _library = library;
        File = file;
        _interfaces.Add(new Interface(first, library.QueryInterfaceNumber(first, out var number) == Win32Error.None ? number : likelyNumber));
    }

    public nint File { get; }

    /// <summary>Opens a device by the first path that leads to it.</summary>
    /// <param name="native">The calls.</param>
    /// <param name="library">What speaks to its driver.</param>
    /// <param name="paths">The ways to it.</param>
    /// <param name="likelyNumber">The first interface's number, should its driver not tell.</param>
    /// <param name="error">The last error, or rather that somebody else has it.</param>
    public static WinUsbSession? TryOpen(
        IWinUsbNative native, IWinUsbLibrary library, ImmutableArray<string> paths, byte likelyNumber, out int error)
    {
        error = Win32Error.None;
        foreach (var path in paths)
        {
            var failure = native.OpenFile(path, out var file);
            if (failure == Win32Error.None)
            {
                failure = library.Initialize(file, out var first);
                if (failure == Win32Error.None)
                {
                    error = failure;
                    return new WinUsbSession(native, library, file, first, likelyNumber);
                }

                native.CloseFile(file);
            }

            error = error is Win32Error.AccessDenied or Win32Error.SharingViolation ? error : failure;
        }

        return null;
    }

    /// <summary>The handle of an interface, opened if need be.</summary>
    /// <param name="number">bInterfaceNumber.</param>
    /// <param name="handle">The handle.</param>
    /// <returns>A Win32 error; ERROR_NO_MORE_ITEMS if there is no such interface.</returns>
    public int Claim(byte number, out nint handle)
    {
        handle = 0;
        if (_interfaces.Find(x => x.Number == number) is { } known)
        {
            handle = known.Handle;
            return Win32Error.None;
        }

        for (byte index = 0; index < byte.MaxValue; index++)
        {
            var error = _library.GetAssociatedInterface(_interfaces[0].Handle, index, out var associated);
            if (error == Win32Error.AlreadyExists && _interfaces.Count > 1)
            {
                continue;
            }

            if (error != Win32Error.None)
            {
                return error;
            }

            if (_library.QueryInterfaceNumber(associated, out var found) == Win32Error.None && found == number)
            {
                _interfaces.Add(new Interface(associated, number));
                handle = associated;
                return Win32Error.None;
            }

            _library.Free(associated);
        }

        return Win32Error.NoMoreItems;
    }

    /// <summary>The handle that a request goes through: that of the interface that it is for, if it is open, else the first one.</summary>
    /// <param name="number">The interface; null if it is for the device.</param>
    /// <param name="milliseconds">How long the device gets. A driver that does not take that keeps its own 5 s.</param>
    public nint HandleFor(byte? number, uint milliseconds)
    {
        var through = _interfaces.Find(x => x.Number == number) ?? _interfaces[0];
        if (through.Timeout != milliseconds && _library.SetControlTimeout(through.Handle, milliseconds) == Win32Error.None)
        {
            through.Timeout = milliseconds;
        }

        return through.Handle;
    }

    public void Dispose()
    {
        foreach (var opened in Enumerable.Reverse(_interfaces))
        {
            _library.Free(opened.Handle);
        }

        _native.CloseFile(File);
    }

    private sealed class Interface(nint handle, byte number)
    {
        public nint Handle => handle;

        public byte Number => number;

        public uint? Timeout { get; set; }
    }
}
