namespace Defuse.Transports.Tracing;

/// <summary>A device of which every transfer is written down as it ends.</summary>
internal sealed class TracingUsbDevice(IUsbDevice device, ITraceSink sink, int number) : IUsbDevice
{
    public UsbDeviceInfo Info => device.Info;

    public TimeProvider Time => device.Time;

    public static string Name(TransportFailure failure) => failure.ToString().ToLowerInvariant();

    public async ValueTask<int> ControlInAsync(UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var count = 0;
        await DoAsync(
            Control(setup, timeout),
            async () => count = await device.ControlInAsync(setup, buffer, timeout, cancellationToken).ConfigureAwait(false),
            line => line with { In = Convert.ToHexStringLower(sink.Scrubber.Scrub(setup, buffer.Span[..count])) }).ConfigureAwait(false);
        return count;
    }

    public async ValueTask ControlOutAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken) =>
        await DoAsync(
            Control(setup, timeout) with { Out = Convert.ToHexStringLower(data.Span) },
            () => device.ControlOutAsync(setup, data, timeout, cancellationToken),
            line => line).ConfigureAwait(false);

    public async ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken) =>
        await DoAsync(
            new TraceLine { Type = TraceLine.Claim, Interface = interfaceNumber },
            () => device.ClaimInterfaceAsync(interfaceNumber, cancellationToken),
            line => line).ConfigureAwait(false);

    public async ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken) =>
        await DoAsync(
            new TraceLine { Type = TraceLine.Alternate, Interface = interfaceNumber, Setting = alternateSetting },
            () => device.SelectAlternateSettingAsync(interfaceNumber, alternateSetting, cancellationToken),
            line => line).ConfigureAwait(false);

    public async ValueTask DisposeAsync()
    {
        await device.DisposeAsync().ConfigureAwait(false);
        await sink.WriteAsync(new TraceLine { Type = TraceLine.Close, Device = number }).ConfigureAwait(false);
    }

    private static TraceLine Control(UsbSetupPacket setup, TimeSpan timeout)
    {
        var bytes = new byte[UsbSetupPacket.Size];
        setup.Write(bytes);
        return new TraceLine { Type = TraceLine.Control, Setup = Convert.ToHexStringLower(bytes), Timeout = timeout.TotalMilliseconds };
    }

    private async ValueTask DoAsync(TraceLine line, Func<ValueTask> transfer, Func<TraceLine, TraceLine> done)
    {
        line = line with { Device = number, At = sink.At(Time) };
        var started = Time.GetTimestamp();
        try
        {
            await transfer().ConfigureAwait(false);
            line = done(line) with { Status = TraceLine.Ok };
        }
        catch (TransportException e)
        {
            line = line with { Status = Name(e.Failure), Message = sink.Scrubber.Scrub(e.Message) };
            throw;
        }
        catch (OperationCanceledException)
        {
            line = line with { Status = "cancelled" };
            throw;
        }
        finally
        {
            await sink.WriteAsync(line with { Took = Math.Round(Time.GetElapsedTime(started).TotalMilliseconds, 3) }).ConfigureAwait(false);
        }
    }
}
