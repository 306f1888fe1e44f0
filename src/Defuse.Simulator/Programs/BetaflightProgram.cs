using System.Text;

namespace Defuse.Simulator.Programs;

/// <summary>Betaflight on its USB port: MSP version 1, and the command line that a '#' opens.</summary>
/// <remarks>
/// A frame to the board is $M&lt;, size, command, payload, and the exclusive or of all from the size on; one with a wrong
/// checksum is ignored, and a command that it does not know is answered with $M! and nothing. Outside a frame '#' opens the
/// command line, and the reboot character R starts the ROM. At the command line MSP is text like any other; only leaving it,
/// which reboots, brings MSP back.
/// </remarks>
internal sealed class BetaflightProgram(IProgramLine line) : SerialProgram(line)
{
    public const string Marker = "Betaflight / STM32F405 (S405) 4.5.1 Jul 27 2024 / 11:09:12 (77d01ba3b) MSP API: 1.46";

    private const byte ApiVersion = 1, FcVariant = 2, FcVersion = 3, BoardInfo = 4, Reboot = 68;
    private const byte RebootFirmware = 0, RebootBootloaderRom = 1;

    // From the answer to the reset: until it is sent, and a little more. How long is made up.
    private static readonly TimeSpan LeaveTime = TimeSpan.FromMilliseconds(20);

    private readonly List<byte> _frame = [];
    private readonly StringBuilder _command = new();
    private bool _isCommandLine;
    private bool _isLeaving;

    public override void Receive(byte value)
    {
        if (_isLeaving)
        {
            return;
        }

        if (_isCommandLine)
        {
            ReceiveText(value);
        }
        else if (_frame.Count > 0 || value == '$')
        {
            ReceiveFrame(value);
        }
        else if (value == '#')
        {
            _isCommandLine = true;
            Print("\r\nEntering CLI Mode, type 'exit' to return, or 'help'\r\n\r\n# ");
        }
        else if (value == 'R')
        {
            Leave(Line.EnterBootloader);
        }
    }

    private void ReceiveFrame(byte value)
    {
        _frame.Add(value);
        var isHeader = _frame.Count switch
        {
            2 => value == 'M',
            3 => value == '<',
            _ => true,
        };
        if (!isHeader)
        {
            _frame.Clear();
        }
        else if (_frame.Count > 5 && _frame.Count == 6 + _frame[3])
        {
            var (command, payload) = (_frame[4], _frame.GetRange(5, _frame[3]));
            var isWhole = Checksum(_frame[3], command, payload) == value;
            _frame.Clear();
            if (isWhole)
            {
                Execute(command, payload);
            }
        }
    }

    private void Execute(byte command, List<byte> payload)
    {
        switch (command)
        {
            case ApiVersion:
                Answer(command, [0, 1, 46]);
                break;
            case FcVariant:
                Answer(command, "BTFL"u8);
                break;
            case FcVersion:
                Answer(command, [4, 5, 1]);
                break;
            case BoardInfo:
                Answer(command, [.. "S405"u8, 0, 0, 2, 0, 9, .. "STM32F405"u8]);
                break;
            case Reboot when payload is [] or [RebootFirmware]:
                Answer(command, [RebootFirmware]);
                Leave(Line.Reboot);
                break;
            case Reboot when payload is [RebootBootloaderRom]:
                Answer(command, [RebootBootloaderRom]);
                Leave(Line.EnterBootloader);
                break;
            default:
                Send('!', command, []);
                break;
        }
    }

    private void ReceiveText(byte value)
    {
        switch (value)
        {
            case (byte)'\r' or (byte)'\n':
                Print("\r\n");
                var command = _command.ToString().Trim();
                _command.Clear();
                Execute(command);
                break;
            case 8 or 127 when _command.Length > 0:
                _command.Length--;
                Print("\b \b");
                break;
            case >= 32 and < 127:
                _command.Append((char)value);
                Line.Send([value]);
                break;
            default:
                break;
        }
    }

    private void Execute(string command)
    {
        switch (command.ToUpperInvariant())
        {
            case "":
                break;
            case "BL" or "BL ROM":
                Print("# restarting in ROM bootloader mode\r\n\r\nRebooting");
                Leave(Line.EnterBootloader);
                return;
            case "EXIT":
                Print("\r\nLeaving CLI mode, unsaved changes lost.\r\n\r\nRebooting");
                Leave(Line.Reboot);
                return;
            case "VERSION":
                Print($"# {Marker}\r\n");
                break;
            default:
                Print("###ERROR: UNKNOWN COMMAND, TRY 'HELP'###\r\n");
                break;
        }

        Print("\r\n# ");
    }

    private void Leave(Action leave)
    {
        _isLeaving = true;
        Line.After(LeaveTime, leave);
    }

    private void Answer(byte command, ReadOnlySpan<byte> payload) => Send('>', command, payload);

    private void Send(char direction, byte command, ReadOnlySpan<byte> payload)
    {
        var size = (byte)payload.Length;
        Line.Send([(byte)'$', (byte)'M', (byte)direction, size, command, .. payload, Checksum(size, command, payload.ToArray())]);
    }

    private void Print(string text) => Line.Send(Encoding.ASCII.GetBytes(text));

    private static byte Checksum(byte size, byte command, IEnumerable<byte> payload) =>
        payload.Aggregate((byte)(size ^ command), (x, y) => (byte)(x ^ y));
}
