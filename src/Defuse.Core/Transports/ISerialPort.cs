namespace Defuse.Transports;

/// <summary>An open serial port.</summary>
/// <remarks>One read and one write at a time; reading and writing may go on side by side.</remarks>
public interface ISerialPort : IAsyncDisposable
{
    /// <summary>What was known before it was opened.</summary>
    SerialPortInfo Info { get; }

    /// <summary>The clock that waits for what is behind the port are measured on: the system's, or a simulated board's own.</summary>
    TimeProvider Time { get; }

    /// <summary>Baud rate and frame, as they are now.</summary>
    SerialSettings Settings { get; }

    /// <summary>The lines that the other side drives, as they are now; what a port cannot tell is absent.</summary>
    /// <exception cref="TransportException">The port is gone.</exception>
    SerialInputLines InputLines { get; }

    /// <summary>Takes what has arrived; waits until something has.</summary>
    /// <param name="buffer">Takes it; not empty.</param>
    /// <param name="cancellationToken">Stops waiting; nothing that arrived is lost.</param>
    /// <returns>How many bytes came, at least 1.</returns>
    /// <exception cref="TransportException">The port is gone (<see cref="TransportFailure.Disconnected"/>) or failed.</exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Sends bytes; returns when the system has taken all of them.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="cancellationToken">Stops; how many bytes were sent is then not known.</param>
    /// <exception cref="TransportException">The port is gone (<see cref="TransportFailure.Disconnected"/>) or failed.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken);

    /// <summary>Changes baud rate and frame of the open port.</summary>
    /// <exception cref="TransportException">The port is gone, or cannot do that.</exception>
    ValueTask ConfigureAsync(SerialSettings settings, CancellationToken cancellationToken);

    /// <summary>Drives DTR and RTS; null leaves a line as it is.</summary>
    /// <param name="dataTerminalReady">Whether DTR is asserted.</param>
    /// <param name="requestToSend">Whether RTS is asserted.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TransportException">The port is gone, or has no such line.</exception>
    ValueTask SetLinesAsync(bool? dataTerminalReady, bool? requestToSend, CancellationToken cancellationToken);

    /// <summary>Holds the line in the break condition for a while.</summary>
    /// <exception cref="TransportException">The port is gone, or cannot do that.</exception>
    ValueTask SendBreakAsync(TimeSpan duration, CancellationToken cancellationToken);

    /// <summary>Throws away what has arrived and was not read.</summary>
    /// <exception cref="TransportException">The port is gone.</exception>
    ValueTask DiscardInputAsync(CancellationToken cancellationToken);
}
