namespace Defuse.Core.Tests.Entering;

/// <summary>A REPL as MicroPython's documents describe it: Ctrl-C stops, Ctrl-A the raw one, Ctrl-B the friendly one, Ctrl-D runs or restarts.</summary>
internal sealed class FakeRepl
{
    private readonly FakePort _port;
    private readonly Func<string, string?> _run;
    private bool _isRaw;
    private string _line = "";

    /// <param name="port">The port.</param>
    /// <param name="run">Runs a script: its exception, or null if it never ends.</param>
    public FakeRepl(FakePort port, Func<string, string?> run)
    {
        _port = port;
        _run = run;
        port.OnReceived = Receive;
    }

    /// <summary>Whether main.py runs.</summary>
    public bool IsRunning { get; set; } = true;

    public bool IgnoresInterrupts { get; init; }

    private ValueTask Receive(string text)
    {
        foreach (var c in text)
        {
            Receive(c);
        }

        return default;
    }

    private void Receive(char c)
    {
        switch (c)
        {
            case '\u0003' when !IgnoresInterrupts:
                _line = "";
                if (IsRunning)
                {
                    _port.Say("Traceback (most recent call last):\r\n  File \"main.py\", line 3, in <module>\r\nKeyboardInterrupt: \r\n");
                }

                IsRunning = false;
                _port.Say(_isRaw ? "\r\n>" : "\r\n>>> ");
                break;
            case var _ when IsRunning:
                break;
            case '\u0001':
                (_isRaw, _line) = (true, "");
                _port.Say("raw REPL; CTRL-B to exit\r\n>");
                break;
            case '\u0002':
                (_isRaw, _line) = (false, "");
                _port.Say("\r\nMicroPython v1.22.0 on 2023-12-27; NUCLEO-F767ZI with STM32F767\r\nType \"help()\" for more information.\r\n>>> ");
                break;
            case '\u0004' when _isRaw:
                _port.Say("OK");
                if (_run(_line) is { } error)
                {
                    _port.Say($"\u0004{error}\u0004>");
                }

                _line = "";
                break;
            case '\u0004':
                _port.Say("\r\nMPY: soft reboot\r\n");
                IsRunning = true;
                break;
            default:
                _line += c;
                break;
        }
    }
}
