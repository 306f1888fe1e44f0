using Defuse.Simulator;
using Defuse.Transports;

namespace Defuse;

/// <summary>The host that one simulated board is plugged into; when no device is open any more, the board gives its file back.</summary>
internal sealed class SimulatedUsbHost(SimulatedBoard board) : IUsbHost
{
    private readonly UsbPeripheralHost _host = new(SocketsOf(board));
    private int _open;

    /// <summary>Where something of a board can be plugged in: its own connector, and its adapter's.</summary>
    public static IEnumerable<IUsbSocket> SocketsOf(SimulatedBoard board) => board.SerialAdapter is { } adapter ? [board, adapter] : [board];

    public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => _host.ListAsync(cancellationToken);

    public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
    {
        var device = await _host.OpenAsync(location, cancellationToken).ConfigureAwait(false);
        Interlocked.Increment(ref _open);
        return new Device(device, this);
    }

    /// <summary>Keeps the board until it is disposed of, also while no device is open.</summary>
    public IDisposable Keep()
    {
        Interlocked.Increment(ref _open);
        return new Keeping(this);
    }

    private void Close()
    {
        if (Interlocked.Decrement(ref _open) == 0)
        {
            board.Dispose();
        }
    }

    private sealed class Keeping(SimulatedUsbHost host) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                host.Close();
            }
        }
    }

    private sealed class Device(IUsbDevice device, SimulatedUsbHost host) : IUsbDevice
    {
        private int _closed;

        public UsbDeviceInfo Info => device.Info;

        public TimeProvider Time => device.Time;

        public ValueTask<int> ControlInAsync(UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken) =>
            device.ControlInAsync(setup, buffer, timeout, cancellationToken);

        public ValueTask ControlOutAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken) =>
            device.ControlOutAsync(setup, data, timeout, cancellationToken);

        public ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken) =>
            device.ClaimInterfaceAsync(interfaceNumber, cancellationToken);

        public ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken) =>
            device.SelectAlternateSettingAsync(interfaceNumber, alternateSetting, cancellationToken);

        public async ValueTask DisposeAsync()
        {
            if (Interlocked.Exchange(ref _closed, 1) == 0)
            {
                await device.DisposeAsync().ConfigureAwait(false);
                host.Close();
            }
        }
    }
}
