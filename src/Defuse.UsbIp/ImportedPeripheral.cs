using Defuse.Transports;

namespace Defuse.UsbIp;

/// <summary>An open device, seen as what answers setup packets: the descriptors of both are read by the same code.</summary>
internal sealed class ImportedPeripheral(IUsbDevice device, UsbSpeed speed, TimeSpan timeout) : IUsbPeripheral
{
    public UsbSpeed Speed => speed;

    public bool IsConnected => true;

    public TimeProvider Time => device.Time;

    public async ValueTask<UsbControlResponse> ControlAsync(
        UsbSetupPacket setup, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        try
        {
            var buffer = new byte[setup.Length];
            var read = await device.ControlInAsync(setup, buffer, timeout, cancellationToken).ConfigureAwait(false);
            return new UsbControlResponse(UsbControlStatus.Ack, buffer.AsMemory(0, read));
        }
        catch (TransportException e) when (e.Failure is TransportFailure.Disconnected)
        {
            return UsbControlResponse.Disconnected;
        }
        catch (TransportException e) when (e.Failure is TransportFailure.Stall or TransportFailure.Timeout or TransportFailure.Fault)
        {
            // What a device does not tell is left out.
            return UsbControlResponse.Stall;
        }
    }
}
