using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Defuse.Platform.Serial;

/// <summary>A terminal of Linux or macOS that lets every key through.</summary>
[SupportedOSPlatform("linux")]
[SupportedOSPlatform("macos")]
internal sealed class UnixKeyboard : KeyboardStream
{
    private const int Forever = -1;

    private readonly UnixTerminal _terminal;
    private readonly SafeFileHandle _file;
    private readonly byte[] _before;
    private readonly Wakeup _wakeup = new();
    private readonly Lock _lock = new();
    private bool _isRestored;

    private UnixKeyboard(UnixTerminal terminal, SafeFileHandle file, byte[] before)
    {
        _terminal = terminal;
        _file = file;
        _before = before;

        // A process that is ended in haste leaves no shell behind that shows nothing of what is typed.
        AppDomain.CurrentDomain.ProcessExit += OnExit;
        new Thread(Serve) { IsBackground = true, Name = "Defuse keyboard" }.UnsafeStart();
    }

    /// <summary>Takes a terminal over; null if the file is none.</summary>
    /// <param name="terminal">The system's form of terminals.</param>
    /// <param name="file">The file, which stays open.</param>
    public static UnixKeyboard? Open(UnixTerminal terminal, int file)
    {
        var handle = new SafeFileHandle(file, ownsHandle: false);
        return terminal.MakeRaw(handle, out var before) == Errno.None ? new UnixKeyboard(terminal, handle, before) : null;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            AppDomain.CurrentDomain.ProcessExit -= OnExit;
            Restore();
        }

        base.Dispose(disposing);
    }

    private void OnExit(object? sender, EventArgs e) => Restore();

    private void Restore()
    {
        lock (_lock)
        {
            if (!_isRestored)
            {
                _isRestored = true;
                _ = _terminal.Restore(_file, _before);
                _wakeup.Set();
            }
        }
    }

    private void Serve()
    {
        Span<byte> buffer = stackalloc byte[256];
        while (WaitForKeys())
        {
            var count = Libc.Read(_file, buffer, (nuint)buffer.Length);
            if (count < 0 && Errno.IsTryAgain(Errno.Last))
            {
                continue;
            }

            Take(buffer[..(int)Math.Max(count, 0)]);
            if (count <= 0)
            {
                break;
            }
        }

        Take([]);
        lock (_lock)
        {
            // From here on nobody wakes it.
            if (!_isRestored)
            {
                _isRestored = true;
                _ = _terminal.Restore(_file, _before);
            }

            _wakeup.Dispose();
        }
    }

    // False when it is to end.
    private bool WaitForKeys()
    {
        Span<Libc.Polled> files =
        [
            new Libc.Polled { File = _wakeup.File, Wanted = Libc.PollIn },
            new Libc.Polled { File = (int)_file.DangerousGetHandle(), Wanted = Libc.PollIn },
        ];
        int found;
        do
        {
            found = Libc.Poll(files, 2, Forever);
        }
        while (found < 0 && Errno.IsTryAgain(Errno.Last));
        return found > 0 && files[0].Found == 0;
    }
}
