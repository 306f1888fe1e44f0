namespace Defuse.Transports;

/// <summary>An open device that is a peripheral in this process.</summary>
internal sealed class UsbPeripheralDevice(IUsbPeripheral peripheral, UsbDeviceInfo info) : IUsbDevice
{
    private static readonly TimeSpan StandardTimeout = TimeSpan.FromSeconds(5);

    public UsbDeviceInfo Info => info;

    public TimeProvider Time => peripheral.Time;

    public async ValueTask<int> ControlInAsync(
        UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (!setup.IsIn || setup.Length != buffer.Length)
        {
            throw new ArgumentException("The setup packet does not fit the buffer.", nameof(setup));
        }

        var response = await SendAsync(setup, default, timeout, cancellationToken).ConfigureAwait(false);
        if (response.Data.Length > buffer.Length)
        {
            throw new TransportException(TransportFailure.Protocol, $"the device sent {response.Data.Length} bytes where {buffer.Length} were asked for");
        }

        response.Data.CopyTo(buffer);
        return response.Data.Length;
    }

    public async ValueTask ControlOutAsync(
        UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken)
    {
        if (setup.IsIn || setup.Length != data.Length)
        {
            throw new ArgumentException("The setup packet does not fit the data.", nameof(setup));
        }

        await SendAsync(setup, data, timeout, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken)
    {
        // What an operating system does before a program can claim anything.
        var setConfiguration = new UsbSetupPacket(0x00, UsbStandardRequest.SetConfiguration, 1, 0, 0);
        await ControlOutAsync(setConfiguration, default, StandardTimeout, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken) =>
        ControlOutAsync(
            new UsbSetupPacket(0x01, UsbStandardRequest.SetInterface, alternateSetting, interfaceNumber, 0),
            default,
            StandardTimeout,
            cancellationToken);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async ValueTask<UsbControlResponse> SendAsync(
        UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = Time.GetTimestamp();
        var response = await peripheral.ControlAsync(setup, data, cancellationToken).ConfigureAwait(false);

        // Simulated time can pass without anybody waiting: an answer that took too long of it is one that came too late.
        if (Time.GetElapsedTime(started) > timeout)
        {
            throw new TransportException(TransportFailure.Timeout, $"the device did not answer within {timeout.TotalSeconds:0.###} s");
        }

        return response.Status switch
        {
            UsbControlStatus.Ack => response,
            UsbControlStatus.Stall => throw new TransportException(TransportFailure.Stall, "the device refused the request (STALL)"),
            _ => throw new TransportException(TransportFailure.Disconnected, "the device left the bus"),
        };
    }
}
