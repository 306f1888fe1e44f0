namespace Defuse.Transports;

/// <summary>Baud rate and frame of a serial port.</summary>
/// <remarks>Immutable. There is no flow control: nothing that Defuse talks to has any.</remarks>
public sealed record SerialSettings
{
    private readonly int _baudRate = 115_200;
    private readonly int _dataBits = 8;

    /// <summary>115,200 baud, 8 data bits, no parity, 1 stop bit.</summary>
    public static SerialSettings Default { get; } = new();

    /// <summary>Symbols a second, 50 to 12,000,000. Through a USB CDC port it is only told to the device.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public int BaudRate
    {
        get => _baudRate;
        init => _baudRate = value is >= 50 and <= 12_000_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "A baud rate is 50 to 12,000,000.");
    }

    /// <summary>Data bits, 5 to 8, without the parity bit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Outside that range.</exception>
    public int DataBits
    {
        get => _dataBits;
        init => _dataBits = value is >= 5 and <= 8 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "There are 5 to 8 data bits.");
    }

    /// <summary>The parity bit.</summary>
    public SerialParity Parity { get; init; } = SerialParity.None;

    /// <summary>The stop bits.</summary>
    public SerialStopBits StopBits { get; init; } = SerialStopBits.One;

    /// <summary>Whether DTR is asserted when the port is opened.</summary>
    public bool DataTerminalReady { get; init; } = true;

    /// <summary>Whether RTS is asserted when the port is opened.</summary>
    public bool RequestToSend { get; init; } = true;
}
