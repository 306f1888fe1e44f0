using System.Collections.Immutable;
using System.Text;

namespace Defuse.Simulator.Programs;

/// <summary>MicroPython's REPL on a board's own USB port (MicroPython's reference, "The MicroPython Interactive Interpreter Mode").</summary>
/// <remarks>
/// The friendly REPL echoes, the raw one does not and ends each program by Ctrl-D: "OK", what it prints, 0x04, what it died
/// of, 0x04, and the prompt. Ctrl-A to Ctrl-E mean something at the beginning of a line only. While a program runs nothing is
/// answered, until it ends or Ctrl-C comes. The line editor knows no cursor and no completion.
/// </remarks>
/// <param name="line">What is around it.</param>
/// <param name="runsMain">Whether there is a main.py that never ends.</param>
internal sealed class MicroPythonProgram(IProgramLine line, bool runsMain) : SerialProgram(line)
{
    public const string Version = "MicroPython v1.22.2 on 2024-02-22";

    private const byte CtrlA = 1, CtrlB = 2, CtrlC = 3, CtrlD = 4, CtrlE = 5, Backspace = 8, Enter = 13, Delete = 127;

    private const int Longest = 128 * 1024;

    private static readonly ImmutableArray<string> CompoundKeywords = ["async", "class", "def", "for", "if", "try", "while", "with"];

    // From the call to the reset: USB's buffers are sent meanwhile. How long it really takes is not known.
    private static readonly TimeSpan LeaveTime = TimeSpan.FromMilliseconds(20);

    private readonly List<byte> _line = [];
    private readonly StringBuilder _block = new();
    private readonly StringBuilder _printed = new();
    private Mode _mode = Mode.Friendly;
    private MicroPythonScript _script = new(Version);
    private IEnumerator<TimeSpan?>? _running;
    private Action<string?>? _ended;
    private string _file = "<stdin>";
    private long _generation;

    private enum Mode
    {
        Friendly,
        Continuation,
        Paste,
        Raw,
    }

    public override bool TakesInput => _running is null;

    public static string Marker(string machine) => $"{Version}; {machine}";

    public override void Start() => Boot();

    public override bool Arrived(byte value)
    {
        if (value != CtrlC || _running is null)
        {
            return false;
        }

        End(Traceback("KeyboardInterrupt: "));
        return true;
    }

    public override void Receive(byte value)
    {
        // Real boards end in a MemoryError somewhere here.
        if (_line.Count + _block.Length >= Longest)
        {
            _line.Clear();
            _block.Clear();
        }

        switch (_mode)
        {
            case Mode.Raw:
                ReceiveRaw(value);
                break;
            case Mode.Paste:
                ReceivePaste(value);
                break;
            default:
                ReceiveFriendly(value);
                break;
        }
    }

    private void Boot()
    {
        _script = new(MicroPythonBanner.Find(Line.Chip) ?? Marker("board with STM32"));
        if (_mode == Mode.Raw)
        {
            BeginRaw();
        }
        else if (runsMain)
        {
            Run("while True: pass", "main.py", error =>
            {
                Print(error ?? "");
                BeginFriendly();
            });
        }
        else
        {
            BeginFriendly();
        }
    }

    private void SoftReset()
    {
        Print("MPY: sync filesystems\r\nMPY: soft reboot\r\n");
        Boot();
    }

    private void BeginFriendly()
    {
        _mode = Mode.Friendly;
        Print($"{_script.Banner}\r\nType \"help()\" for more information.\r\n");
        Prompt();
    }

    private void BeginRaw()
    {
        _mode = Mode.Raw;
        Print("raw REPL; CTRL-B to exit\r\n");
        Prompt();
    }

    private void Prompt()
    {
        _line.Clear();
        Print(_mode switch
        {
            Mode.Raw => ">",
            Mode.Continuation => "... ",
            _ => ">>> ",
        });
    }

    private void ReceiveFriendly(byte value)
    {
        var isEmpty = _line.Count == 0 && _mode == Mode.Friendly;
        switch (value)
        {
            case CtrlA when isEmpty:
                Print("\r\n");
                BeginRaw();
                break;
            case CtrlB when isEmpty:
                Print("\r\n");
                BeginFriendly();
                break;
            case CtrlC:
                Print("\r\n");
                _mode = Mode.Friendly;
                _block.Clear();
                Prompt();
                break;
            case CtrlD when isEmpty:
                Print("\r\n");
                SoftReset();
                break;
            case CtrlE when isEmpty:
                _mode = Mode.Paste;
                Print("\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ");
                break;
            case Backspace or Delete when _line.Count > 0:
                _line.RemoveAt(_line.Count - 1);
                Print("\b\x1b[K");
                break;
            case Enter:
                Print("\r\n");
                EndLine();
                break;
            case >= 32 and < Delete:
                _line.Add(value);
                Line.Send([value]);
                break;
            default:
                break;
        }
    }

    private void EndLine()
    {
        var text = Encoding.UTF8.GetString([.. _line]);
        _block.Append(text).Append('\n');
        if (_mode == Mode.Friendly ? IsCompound(text) : text.Length > 0)
        {
            _mode = Mode.Continuation;
            Prompt();
            return;
        }

        _mode = Mode.Friendly;
        RunBlock();
    }

    // The REPL waits for an empty line after these, even if the statement is whole.
    private static bool IsCompound(string text) =>
        text.StartsWith('@') || CompoundKeywords.Contains(text.TrimEnd().TrimEnd(':').Split(' ', 2)[0], StringComparer.Ordinal);

    private void RunBlock()
    {
        var code = _block.ToString();
        _block.Clear();
        Run(code, "<stdin>", error =>
        {
            Print(error ?? "");
            Prompt();
        });
    }

    private void ReceivePaste(byte value)
    {
        switch (value)
        {
            case CtrlC:
                _block.Clear();
                Print("\r\n");
                _mode = Mode.Friendly;
                Prompt();
                break;
            case CtrlD:
                Print("\r\n");
                _mode = Mode.Friendly;
                RunBlock();
                break;
            case Enter:
                _block.Append('\n');
                Print("\r\n=== ");
                break;
            default:
                _block.Append((char)value);
                Line.Send([value]);
                break;
        }
    }

    private void ReceiveRaw(byte value)
    {
        switch (value)
        {
            case CtrlA when _line is [CtrlE, (byte)'A']:
                // Raw paste mode: understood, and not there; hosts then go on without it.
                Line.Send("R\0"u8);
                _line.Clear();
                break;
            case CtrlA:
                BeginRaw();
                break;
            case CtrlB:
                Print("\r\n");
                BeginFriendly();
                break;
            case CtrlC:
                _line.Clear();
                break;
            case CtrlD when _line.Count == 0:
                Print("OK\r\n");
                SoftReset();
                break;
            case CtrlD:
                Print("OK");
                Run(Encoding.UTF8.GetString([.. _line]), "<stdin>", error =>
                {
                    Print($"\x04{error}\x04");
                    Prompt();
                });
                break;
            default:
                _line.Add(value);
                break;
        }
    }

    private void Run(string code, string file, Action<string?> ended)
    {
        _file = file;
        _ended = ended;
        _running = _script.Run(code, _mode != Mode.Raw, _printed, Leave).GetEnumerator();
        Continue(_generation);
    }

    private void Continue(long generation)
    {
        if (_running is not { } running || generation != _generation)
        {
            return;
        }

        string? error = null;
        try
        {
            if (running.MoveNext())
            {
                Flush();
                if (running.Current is { } delay)
                {
                    Line.After(delay, () => Continue(generation));
                }

                return;
            }
        }
        catch (MicroPythonError e)
        {
            error = Traceback(e.Message);
        }

        End(error);
    }

    private void End(string? error)
    {
        Flush();
        _generation++;
        _running = null;
        var ended = _ended;
        _ended = null;
        ended?.Invoke(error);
    }

    private void Leave(bool toBootloader) => Line.After(LeaveTime, toBootloader ? Line.EnterBootloader : Line.Reboot);

    private string Traceback(string error) => $"Traceback (most recent call last):\r\n  File \"{_file}\", line 1, in <module>\r\n{error}\r\n";

    private void Flush()
    {
        Print(_printed.ToString());
        _printed.Clear();
    }

    private void Print(string text) => Line.Send(Encoding.UTF8.GetBytes(text));
}
