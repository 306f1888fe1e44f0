namespace Defuse.Transports;

/// <summary>The host's side of serial ports: sees them and opens them.</summary>
/// <remarks>Implementations are safe to use from several threads.</remarks>
public interface ISerialHost
{
    /// <summary>The ports that are there now; also those that cannot be opened, with the reason.</summary>
    /// <exception cref="TransportException">The host itself cannot be asked.</exception>
    ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>What is known of one port; of more than are listed where ports have several names, or are nobody's hardware.</summary>
    /// <param name="name">What it would be opened by, in whatever case.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Null if there is no such port.</returns>
    /// <exception cref="TransportException">The host itself cannot be asked.</exception>
    async ValueTask<SerialPortInfo?> FindAsync(string name, CancellationToken cancellationToken) =>
        (await ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(x => string.Equals(x.Name, name, StringComparison.OrdinalIgnoreCase));

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
