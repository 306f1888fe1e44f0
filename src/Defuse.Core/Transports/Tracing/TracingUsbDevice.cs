namespace Defuse.Transports.Tracing;

/// <summary>A device of which every transfer is written down as it ends.</summary>
internal sealed class TracingUsbDevice(IUsbDevice device, ITraceSink sink, int number) : IUsbDevice
{
    private const int SerialNumberOffset = 16;
    private const ushort English = 0x0409;

    private static readonly TimeSpan AskTimeout = TimeSpan.FromSeconds(1);

    private byte _serialIndex;

    public UsbDeviceInfo Info => device.Info;

    public TimeProvider Time => device.Time;

    public static string Name(TransportFailure failure) => failure.ToString().ToLowerInvariant();

    public async ValueTask<int> ControlInAsync(UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var count = 0;
        await DoAsync(
            Control(setup, timeout),
            async () =>
            {
                count = await device.ControlInAsync(setup, buffer, timeout, cancellationToken).ConfigureAwait(false);
                Learn(setup, buffer.Span[..count]);
            },
            line => line with { In = Convert.ToHexStringLower(sink.Scrubber.Scrub(setup, buffer.Span[..count])) }).ConfigureAwait(false);
        return count;
    }

    /// <summary>Has the serial number known before the first line, that none has it; the device is asked, off the record, where its host does not tell.</summary>
    public async ValueTask LearnSerialAsync(CancellationToken cancellationToken)
    {
        if (Info.SerialNumber is { } known)
        {
            sink.Scrubber.Learn(known);
            return;
        }

        try
        {
            await AskAsync(UsbStandardRequest.DeviceDescriptor, 0, 0, 18, cancellationToken).ConfigureAwait(false);
            if (_serialIndex != 0)
            {
                await AskAsync(UsbStandardRequest.StringDescriptor, _serialIndex, English, 255, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (TransportException)
        {
            // Whoever wants something of the device will be told; the answers that it does give are looked at as they come.
        }
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

    private async ValueTask AskAsync(byte type, byte index, ushort language, int length, CancellationToken cancellationToken)
    {
        var setup = new UsbSetupPacket(0x80, UsbStandardRequest.GetDescriptor, (ushort)((type << 8) | index), language, (ushort)length);
        var answer = new byte[length];
        var count = await device.ControlInAsync(setup, answer, AskTimeout, cancellationToken).ConfigureAwait(false);
        Learn(setup, answer.AsSpan(0, count));
    }

    private void Learn(UsbSetupPacket setup, ReadOnlySpan<byte> answer)
    {
        if (setup is not { RequestType: 0x80, Request: UsbStandardRequest.GetDescriptor })
        {
            return;
        }

        if (setup.Value == UsbStandardRequest.DeviceDescriptor << 8 && answer.Length > SerialNumberOffset)
        {
            _serialIndex = answer[SerialNumberOffset];
        }
        else if (_serialIndex != 0 && setup.Value == ((UsbStandardRequest.StringDescriptor << 8) | _serialIndex))
        {
            sink.Scrubber.Learn(UsbString.Decode(answer));
        }
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
