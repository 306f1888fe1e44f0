using System.Collections.Immutable;

namespace Defuse.Transports.Tracing;

/// <summary>A host whose devices answer what a trace says that they answered.</summary>
/// <remarks>
/// The devices of the trace are opened in its order, at whatever location. A request that the trace does not have next is a
/// <see cref="TransportException"/> that names the transfer and what was expected; only the polls of DFU_GETSTATUS and
/// DFU_GETSTATE may be more or fewer (see <see cref="ReplayUsbDevice"/>).
/// </remarks>
public sealed class ReplayUsbHost : IUsbHost
{
    private readonly TimeProvider _time;
    private readonly ImmutableArray<ImmutableArray<(int Number, TraceLine Line)>> _devices;
    private int _opened = -1;

    private ReplayUsbHost(TimeProvider time, ImmutableArray<ImmutableArray<(int, TraceLine)>> devices, string program)
    {
        _time = time;
        _devices = devices;
        Program = program;
    }

    /// <summary>What recorded the trace, with its version.</summary>
    public string Program { get; }

    /// <summary>Where the first device was plugged in.</summary>
    public string Location => _devices[0][0].Line.Location ?? "";

    /// <summary>Reads a trace.</summary>
    /// <param name="trace">The lines; not closed. A last line that was cut off is left out.</param>
    /// <param name="time">The clock that transfers take their recorded time on: a virtual one, for times as recorded.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="TransportException"><see cref="TransportFailure.Protocol"/> if that is no trace.</exception>
    public static ValueTask<ReplayUsbHost> ReadAsync(Stream trace, TimeProvider time, CancellationToken cancellationToken) =>
        ReadAsync(trace, time, TraceReader.LongestTrace, cancellationToken);

    internal static async ValueTask<ReplayUsbHost> ReadAsync(Stream trace, TimeProvider time, long longest, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(trace);
        ArgumentNullException.ThrowIfNull(time);
        var devices = new SortedDictionary<int, List<(int, TraceLine)>>();
        string? program = null;
        await foreach (var (number, line) in TraceReader.ReadAsync(trace, longest, cancellationToken).ConfigureAwait(false))
        {
            if (number == 1)
            {
                program = line is { Type: TraceLine.Trace, Schema: UsbTrace.Schema }
                    ? line.Program ?? ""
                    : throw TraceReader.Bad(number, $"it does not begin with a line of the type trace and the schema {UsbTrace.Schema}");
            }
            else if (line is { Device: { } device, Type: not TraceLine.Section })
            {
                if (!devices.TryGetValue(device, out var lines))
                {
                    devices.Add(device, lines = []);
                }

                lines.Add((number, line));
            }
        }

        if (program is null || devices.Count == 0 || devices.Values.Any(x => x[0].Item2.Type != TraceLine.Open))
        {
            throw TraceReader.Bad(1, "no device is opened in it");
        }

        return new ReplayUsbHost(time, [.. devices.Values.Select(x => x.ToImmutableArray())], program);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult<IReadOnlyList<UsbDeviceInfo>>([Info(_devices[0][0].Line)]);

    /// <inheritdoc/>
    public ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
    {
        var index = Interlocked.Increment(ref _opened);
        if (index >= _devices.Length)
        {
            throw new TransportException(TransportFailure.Disconnected, $"the trace has a device opened {_devices.Length} times, not once more");
        }

        var opened = _devices[index][0].Line;
        return opened.Status == TraceLine.Ok
            ? ValueTask.FromResult<IUsbDevice>(new ReplayUsbDevice(_devices[index], Info(opened), _time))
            : throw ReplayUsbDevice.Failed(opened);
    }

    private static UsbDeviceInfo Info(TraceLine line) => new()
    {
        Location = line.Location ?? "",
        VendorId = TraceReader.Hex(line.VendorId),
        ProductId = TraceReader.Hex(line.ProductId),
        DeviceRelease = TraceReader.Hex(line.DeviceRelease),
        Speed = Enum.TryParse<UsbSpeed>(line.Speed, out var speed) && Enum.IsDefined(speed) ? speed : UsbSpeed.Full,
        Product = line.Product,
        SerialNumber = line.SerialNumber,
        Interfaces = [.. (line.Interfaces ?? []).Select(x => TraceReader.Interface(x)!.Value)],
    };
}
