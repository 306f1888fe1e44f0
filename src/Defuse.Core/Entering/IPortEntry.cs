using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>A way to ask a program for the bootloader through its serial port.</summary>
internal interface IPortEntry
{
    EntryWay Way { get; }

    /// <summary>How the port is opened.</summary>
    SerialSettings Settings { get; }

    /// <summary>Asks.</summary>
    /// <exception cref="TransportException">The port failed before the program was asked; afterwards that is how a board leaves.</exception>
    ValueTask<EntryAnswer> AskAsync(ISerialPort port, CancellationToken cancellationToken);
}
