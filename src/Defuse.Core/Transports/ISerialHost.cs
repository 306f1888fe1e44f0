namespace Defuse.Transports;

/// <summary>The host's side of serial ports: sees them and opens them.</summary>
/// <remarks>Implementations are safe to use from several threads.</remarks>
public interface ISerialHost
{
    /// <summary>The ports that are there now; also those that cannot be opened, with the reason.</summary>
    /// <exception cref="TransportException">The host itself cannot be asked.</exception>
    ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Opens a port for this program alone.</summary>
    /// <remarks>DTR and RTS are asserted, as programs and boards expect it, unless the settings say otherwise.</remarks>
    /// <param name="name">Its <see cref="SerialPortInfo.Name"/>.</param>
    /// <param name="settings">Baud rate and frame.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="TransportException">
    /// <see cref="TransportFailure.Disconnected"/> if it is not there, <see cref="TransportFailure.CannotOpen"/> if it cannot be opened.
    /// </exception>
    ValueTask<ISerialPort> OpenAsync(string name, SerialSettings settings, CancellationToken cancellationToken);
}
