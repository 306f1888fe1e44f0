using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using System.Text;
using Defuse.Platform.Serial;

namespace Defuse.Platform.Windows;

/// <summary>Windows' console, letting every key through. Written after Microsoft's documentation and never run on Windows.</summary>
[SupportedOSPlatform("windows")]
internal sealed partial class WindowsKeyboard : KeyboardStream
{
    private const int StandardInput = -10;
    private const int StandardOutput = -11;

    // Ctrl-C as a signal, whole lines, echo.
    private const uint Cooked = 0x1 | 0x2 | 0x4;
    private const uint EscapeSequencesIn = 0x200;
    private const uint EscapeSequencesOut = 0x4;

    private readonly nint _input;
    private readonly nint _output;
    private readonly uint _inputBefore;
    private readonly uint? _outputBefore;
    private int _isRestored;

    private WindowsKeyboard(nint input, uint inputBefore)
    {
        _input = input;
        _inputBefore = inputBefore;
        _output = GetStdHandle(StandardOutput);
        if (GetConsoleMode(_output, out var outputBefore) != 0)
        {
            _outputBefore = outputBefore;
            _ = SetConsoleMode(_output, outputBefore | EscapeSequencesOut);
        }

        AppDomain.CurrentDomain.ProcessExit += OnExit;
        new Thread(Serve) { IsBackground = true, Name = "Defuse keyboard" }.UnsafeStart();
    }

    /// <summary>Takes the console over; null if standard input is none.</summary>
    public static WindowsKeyboard? Open()
    {
        var input = GetStdHandle(StandardInput);
        return GetConsoleMode(input, out var before) != 0 && SetConsoleMode(input, (before & ~Cooked) | EscapeSequencesIn) != 0
            ? new WindowsKeyboard(input, before)
            : null;
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

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial nint GetStdHandle(int which);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int GetConsoleMode(nint console, out uint mode);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int SetConsoleMode(nint console, uint mode);

    [LibraryImport("kernel32.dll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.System32)]
    private static partial int ReadConsoleW(nint console, Span<ushort> buffer, uint length, out uint count, nint control);

    private void OnExit(object? sender, EventArgs e) => Restore();

    private void Restore()
    {
        if (Interlocked.Exchange(ref _isRestored, 1) == 0)
        {
            _ = SetConsoleMode(_input, _inputBefore);
            if (_outputBefore is { } mode)
            {
                _ = SetConsoleMode(_output, mode);
            }
        }
    }

    // It stays in its last read until a key is pressed or the process ends: Windows has no way to wait for a console and something else
    // that does not wake for what is no key.
    private void Serve()
    {
        var encoder = Encoding.UTF8.GetEncoder();
        Span<ushort> typed = stackalloc ushort[64];
        Span<byte> bytes = stackalloc byte[64 * 4];
        while (ReadConsoleW(_input, typed, (uint)typed.Length, out var count, 0) != 0 && Volatile.Read(ref _isRestored) == 0)
        {
            // Half of a pair of surrogates waits for the other.
            var length = encoder.GetBytes(MemoryMarshal.Cast<ushort, char>(typed[..(int)count]), bytes, flush: false);
            if (length > 0)
            {
                Take(bytes[..length]);
            }
        }

        Take([]);
    }
}
