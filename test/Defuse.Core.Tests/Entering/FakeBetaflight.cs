using System.Text;

namespace Defuse.Core.Tests.Entering;

/// <summary>A flight controller's serial port: MSP 1 and a command line, as msp_protocol.h and the command line's own help have them.</summary>
internal sealed class FakeBetaflight
{
    private readonly FakePort _port;
    private readonly List<byte> _frame = [];
    private string _line = "";
    private bool _isAtPrompt;

    public FakeBetaflight(FakePort port)
    {
        _port = port;
        port.OnReceived = Receive;
    }

    public string Variant { get; init; } = "BTFL";

    public byte Minor { get; init; } = 46;

    public bool IsArmed { get; init; }

    public bool KnowsMsp { get; init; } = true;

    public bool HasPrompt { get; init; } = true;

    /// <summary>What its command line knows.</summary>
    public string Command { get; init; } = "bl";

    /// <summary>What its command line says to anything else.</summary>
    public string Complaint { get; init; } = "UNKNOWN COMMAND, TRY 'HELP'";

    /// <summary>Goes to the bootloader, with how it was asked.</summary>
    public Action<string> OnBootloader { get; init; } = _ => { };

    public Action OnRestart { get; init; } = () => { };

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
        if (_isAtPrompt)
        {
            AtPrompt(c);
        }
        else if (_frame.Count > 0 || c == '$')
        {
            _frame.Add((byte)c);
            if (_frame.Count >= 6 && _frame.Count == 6 + _frame[3])
            {
                Answer([.. _frame]);
                _frame.Clear();
            }
        }
        else if (c == '#' && HasPrompt && !IsArmed)
        {
            _isAtPrompt = true;
            _port.Say("\r\nEntering CLI Mode, type 'exit' to return, or 'help'\r\n\r\n# ");
        }
        else if (c == 'R' && !IsArmed && !HasPrompt)
        {
            OnBootloader("R");
        }
    }

    private void AtPrompt(char c)
    {
        if (c is not '\n' and not '\r')
        {
            _line += c;
            return;
        }

        var line = _line;
        _line = "";
        if (line == Command)
        {
            _port.Say("\r\nRestarting in bootloader mode");
            OnBootloader(line);
        }
        else if (line == "exit")
        {
            _port.Say("\r\nLeaving CLI mode, unsaved changes lost.\r\n\r\nRebooting");
            OnRestart();
        }
        else
        {
            _port.Say(line.Length == 0 || line[0] == '#' ? "\r\n# " : "\r\nERROR IN " + line + ": " + Complaint + "\r\n# ");
        }
    }

    private void Answer(byte[] frame)
    {
        if (!KnowsMsp)
        {
            return;
        }

        switch (frame[4])
        {
            case 1:
                Say('>', 1, 0, 1, Minor);
                break;
            case 2:
                Say('>', 2, Encoding.ASCII.GetBytes(Variant));
                break;
            case 101:
                Say('>', 101, 0, 0, 0, 0, 0, 0, (byte)(IsArmed ? 1 : 0), 0, 0, 0, 0);
                break;
            case 68 when frame is [.., 1, _] && Variant == "BTFL" && Minor >= 42:
                Say('>', 68, 1);
                OnBootloader("MSP");
                break;
            case 68:
                Say('>', 68);
                OnRestart();
                break;
            default:
                Say('!', frame[4]);
                break;
        }
    }

    private void Say(char direction, byte command, params byte[] payload)
    {
        byte[] body = [(byte)payload.Length, command, .. payload];
        _port.Say([(byte)'$', (byte)'M', (byte)direction, .. body, body.Aggregate((x, y) => (byte)(x ^ y))]);
    }
}
