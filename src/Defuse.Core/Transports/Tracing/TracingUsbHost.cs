using System.Globalization;

namespace Defuse.Transports.Tracing;

/// <summary>A host whose devices are traced.</summary>
internal sealed class TracingUsbHost(IUsbHost host, ITraceSink sink, Func<int> nextDevice) : IUsbHost
{
    public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => host.ListAsync(cancellationToken);

    public IAsyncEnumerable<IReadOnlyList<UsbDeviceInfo>> WatchAsync(CancellationToken cancellationToken) => host.WatchAsync(cancellationToken);

    public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
    {
        var number = nextDevice();
        try
        {
            var device = await host.OpenAsync(location, cancellationToken).ConfigureAwait(false);
            var traced = new TracingUsbDevice(device, sink, number);
            try
            {
                await traced.LearnSerialAsync(cancellationToken).ConfigureAwait(false);
                await sink.WriteAsync(Opened(device.Info, sink.Scrubber) with { Device = number, At = sink.At(device.Time) }).ConfigureAwait(false);
                return traced;
            }
            catch
            {
                await device.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
        catch (TransportException e)
        {
            await sink.WriteAsync(new TraceLine
            {
                Type = TraceLine.Open,
                Device = number,
                Status = TracingUsbDevice.Name(e.Failure),
                Message = sink.Scrubber.Scrub(e.Message),
                Location = sink.Scrubber.Scrub(location),
            }).ConfigureAwait(false);
            throw;
        }
    }

    public static TraceLine Opened(UsbDeviceInfo info, SerialScrubber scrubber) => new()
    {
        Type = TraceLine.Open,
        Status = TraceLine.Ok,
        Location = scrubber.Scrub(info.Location),
        VendorId = info.VendorId.ToString("x4", CultureInfo.InvariantCulture),
        ProductId = info.ProductId.ToString("x4", CultureInfo.InvariantCulture),
        DeviceRelease = info.DeviceRelease.ToString("x4", CultureInfo.InvariantCulture),
        Speed = info.Speed.ToString(),
        Product = info.Product,
        SerialNumber = scrubber.Scrub(info.SerialNumber),
        Interfaces = [.. info.Interfaces.Select(x => string.Create(CultureInfo.InvariantCulture, $"{x.Class:x2}/{x.SubClass:x2}/{x.Protocol:x2}"))],
    };
}
