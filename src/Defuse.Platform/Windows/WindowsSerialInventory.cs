using Defuse.Platform.Serial;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>Windows' serial ports with the USB devices behind them.</summary>
/// <param name="tree">The calls that tell of devices.</param>
internal sealed class WindowsSerialInventory(IWindowsDeviceTree tree) : ISerialInventory
{
    private readonly WindowsDeviceReader _reader = new(tree);
    private readonly WindowsInventory _inventory = new(tree, default);

    public async ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken) =>
        await Task.Run<IReadOnlyList<SerialPortInfo>>(
            () => [.. WindowsPorts.List(_reader, _inventory.AllDevices(cancellationToken)).OrderBy(x => x.Name.Length).ThenBy(x => x.Name, StringComparer.OrdinalIgnoreCase)],
            cancellationToken).ConfigureAwait(false);

    public async ValueTask<SerialPortInfo> FindAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            return (await ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(x => string.Equals(x.Name, name, StringComparison.OrdinalIgnoreCase)) ?? new SerialPortInfo { Name = name };
        }
        catch (TransportException)
        {
            // It can be opened all the same.
            return new SerialPortInfo { Name = name };
        }
    }
}
