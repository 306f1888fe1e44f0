using Defuse.Platform.Serial;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>Windows' serial ports. Never run on Windows.</summary>
/// <param name="native">The calls.</param>
/// <param name="inventory">Which ports there are.</param>
/// <param name="time">Measures waits.</param>
internal sealed class WindowsSerialHost(IWindowsSerial native, ISerialInventory inventory, TimeProvider time) : ISerialHost
{
    public ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken) => inventory.ListAsync(cancellationToken);

    public async ValueTask<ISerialPort> OpenAsync(string name, SerialSettings settings, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(settings);
        var info = await inventory.FindAsync(name, cancellationToken).ConfigureAwait(false);

        // Opening and setting up a USB port sends requests to the device, which may take their time.
        return await Task.Run(() => WindowsSerialPort.Open(native, info, settings, time), cancellationToken).ConfigureAwait(false);
    }
}
