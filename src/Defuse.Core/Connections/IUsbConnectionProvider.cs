using Defuse.Transports;

namespace Defuse.Connections;

/// <summary>A way to reach boards that are USB devices.</summary>
public interface IUsbConnectionProvider : IConnectionProvider
{
    /// <summary>Finds the device of an address, without opening it.</summary>
    /// <param name="address">An address of this scheme.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The host that it is plugged into, and its <see cref="UsbDeviceInfo.Location"/> there.</returns>
    /// <exception cref="DefuseException">It is not there.</exception>
    ValueTask<(IUsbHost Host, string Location)> LocateAsync(ConnectionAddress address, CancellationToken cancellationToken);
}
