using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>Counts the devices that were opened and not closed again.</summary>
internal sealed class CountingHost(IUsbHost host) : IUsbHost
{
    public int Opened { get; private set; }

    public int Open { get; private set; }

    public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => host.ListAsync(cancellationToken);

    public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
    {
        var device = await host.OpenAsync(location, cancellationToken);
        Opened++;
        Open++;
        return new Counted(this, device);
    }

    private sealed class Counted(CountingHost host, IUsbDevice device) : IUsbDevice
    {
        private bool _isClosed;

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

        public ValueTask DisposeAsync()
        {
            host.Open -= _isClosed ? 0 : 1;
            _isClosed = true;
            return device.DisposeAsync();
        }
    }
}
