using System.Text.RegularExpressions;
using Defuse.Transports;

namespace Defuse.Monitoring;

/// <summary>How a serial monitor works.</summary>
public sealed partial record SerialMonitorOptions
{
    /// <summary>8 data bits, no parity, 1 stop bit.</summary>
    public const string UsualFrame = "8N1";

    private readonly SerialSettings _settings = SerialSettings.Default;
    private readonly string _frame = UsualFrame;

    /// <summary>Symbols a second, 50 to 12,000,000. To a board's own USB it is only told.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public int BaudRate
    {
        get => _settings.BaudRate;
        init => _settings = _settings with { BaudRate = value };
    }

    /// <summary>Data bits (5 to 8), parity (N for none, E for even, O for odd) and stop bits (1 or 2): "8N1".</summary>
    /// <exception cref="ArgumentException">It is of another form.</exception>
    public string Frame
    {
        get => _frame;
        init
        {
            if (!IsFrame(value))
            {
                throw new ArgumentException("A frame is data bits, parity and stop bits, as 8N1 or 8E1.", nameof(value));
            }

            _frame = value.ToUpperInvariant();
            _settings = _settings with
            {
                DataBits = _frame[0] - '0',
                Parity = _frame[1] switch { 'E' => SerialParity.Even, 'O' => SerialParity.Odd, _ => SerialParity.None },
                StopBits = _frame[2] == '2' ? SerialStopBits.Two : SerialStopBits.One,
            };
        }
    }

    /// <summary>Whether DTR is asserted. Many boards send nothing while it is not.</summary>
    public bool DataTerminalReady
    {
        get => _settings.DataTerminalReady;
        init => _settings = _settings with { DataTerminalReady = value };
    }

    /// <summary>Whether RTS is asserted.</summary>
    public bool RequestToSend
    {
        get => _settings.RequestToSend;
        init => _settings = _settings with { RequestToSend = value };
    }

    /// <summary>Whether it waits for a board that leaves to come back.</summary>
    public bool Reconnects { get; init; } = true;

    /// <summary>
    /// The byte of the input that ends it, for a person's keyboard: 0x1D for Ctrl-]. Null for input that is sent as it is, whatever
    /// is in it, and that waits while there is no board.
    /// </summary>
    public byte? QuitKey { get; init; }

    internal SerialSettings Settings => _settings;

    /// <summary>Whether a text is a <see cref="Frame"/>.</summary>
    public static bool IsFrame(string text) => FrameForm().IsMatch(text);

    [GeneratedRegex(@"^[5-8][neoNEO][12]\z", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex FrameForm();
}
