using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>A board whose answers get lost, or that does not come back: what removing protection has to live with.</summary>
internal sealed class VanishingSocket(IUsbSocket board) : IUsbSocket
{
    public string Location => board.Location;

    public IUsbPeripheral? Peripheral => board.Peripheral;

    /// <summary>Whether it is there to be opened.</summary>
    public bool IsThere { get; set; } = true;

    /// <summary>What becomes of an answer; null lets it through.</summary>
    public Func<UsbSetupPacket, UsbControlResponse?>? Lose { get; set; }

    public async ValueTask<IUsbPeripheral> AttachAsync(CancellationToken cancellationToken) => IsThere
        ? new Tap(this, await board.AttachAsync(cancellationToken))
        : throw new TransportException(TransportFailure.Disconnected, "nothing is plugged in there");

    private sealed class Tap(VanishingSocket socket, IUsbPeripheral peripheral) : IUsbPeripheral
    {
        public UsbSpeed Speed => peripheral.Speed;

        public bool IsConnected => peripheral.IsConnected;

        public TimeProvider Time => peripheral.Time;

        public async ValueTask<UsbControlResponse> ControlAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
        {
            var answer = await peripheral.ControlAsync(setup, data, cancellationToken);
            return setup.Kind == UsbRequestKind.Class && socket.Lose?.Invoke(setup) is { } instead ? instead : answer;
        }
    }
}
