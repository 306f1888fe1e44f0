using Defuse.Transports;
using Defuse.Transports.Tracing;

namespace Defuse.Targets.Dfu.Capturing;

/// <summary>Asks a device whatever it is asked to: what fails is recorded as well as what succeeds.</summary>
/// <remarks>Only a device that is gone ends it.</remarks>
internal sealed class CaptureWire(IUsbDevice device, ITraceSink sink, byte interfaceNumber, CancellationToken cancellationToken)
{
    public const byte Idle = 2, DnloadSync = 3, DnBusy = 4, DnloadIdle = 5, ManifestSync = 6, UploadIdle = 9, Error = 10;

    private const byte ToInterface = 0x21, FromInterface = 0xA1;
    private const byte Dnload = 1, Upload = 2, GetStatus = 3, ClrStatus = 4, GetState = 5, Abort = 6;
    private const int MostRefusals = 10, LongestDoubling = 7;

    private static readonly TimeSpan Usual = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    public TimeProvider Time => device.Time;

    /// <summary>How many transfers there were.</summary>
    public int Transfers { get; private set; }

    /// <summary>What the transfers that follow are to find out.</summary>
    public async ValueTask BeginAsync(string section)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await sink.WriteAsync(new TraceLine { Type = TraceLine.Section, At = sink.At(Time), Name = section }).ConfigureAwait(false);
    }

    /// <summary>The answer; null if it was refused or there was none.</summary>
    public async ValueTask<byte[]?> InAsync(byte requestType, byte request, ushort value, ushort index, int length, TimeSpan? timeout = null)
    {
        Transfers++;
        var buffer = new byte[length];
        try
        {
            var count = await device.ControlInAsync(
                new(requestType, request, value, index, (ushort)length), buffer, timeout ?? Usual, CancellationToken.None).ConfigureAwait(false);
            return buffer[..count];
        }
        catch (TransportException e) when (e.Failure != TransportFailure.Disconnected)
        {
            return null;
        }
    }

    public ValueTask<byte[]?> DescriptorAsync(byte type, byte index, int length, ushort language = 0) =>
        InAsync(0x80, UsbStandardRequest.GetDescriptor, (ushort)((type << 8) | index), language, length);

    public ValueTask<byte[]?> UploadAsync(int block, int length) => InAsync(FromInterface, Upload, (ushort)block, interfaceNumber, length);

    public async ValueTask<(byte Status, TimeSpan Poll, byte State)?> StatusAsync() =>
        await InAsync(FromInterface, GetStatus, 0, interfaceNumber, DfuStatus.Size, Long).ConfigureAwait(false) is { Length: DfuStatus.Size } x
            ? (x[0], TimeSpan.FromMilliseconds(x[1] | (x[2] << 8) | (x[3] << 16)), x[4])
            : null;

    public async ValueTask<byte?> StateAsync() =>
        await InAsync(FromInterface, GetState, 0, interfaceNumber, 1).ConfigureAwait(false) is [var state] ? state : null;

    public ValueTask<bool> DnloadAsync(int block, ReadOnlyMemory<byte> data) => OutAsync(Dnload, (ushort)block, data);

    public ValueTask<bool> ClrStatusAsync() => OutAsync(ClrStatus, 0, default);

    public ValueTask<bool> AbortAsync() => OutAsync(Abort, 0, default);

    public async ValueTask SelectAsync(byte setting)
    {
        Transfers++;
        try
        {
            await device.SelectAlternateSettingAsync(interfaceNumber, setting, CancellationToken.None).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure != TransportFailure.Disconnected)
        {
        }
    }

    /// <summary>A DNLOAD, and GETSTATUS until it is no longer busy, waiting as long as it says in between.</summary>
    /// <returns>Whether it ended in dfuDNLOAD-IDLE.</returns>
    public async ValueTask<bool> WorkAsync(int block, ReadOnlyMemory<byte> data, bool early = false) =>
        await DnloadAsync(block, data).ConfigureAwait(false) && await PollAsync(early).ConfigureAwait(false) is { Status: 0, State: DnloadIdle };

    /// <summary>GETSTATUS until it is no longer busy.</summary>
    /// <param name="early">Whether to ask after 1, 2, 4 ms and so on, instead of when it says.</param>
    public async ValueTask<(byte Status, TimeSpan Poll, byte State)?> PollAsync(bool early)
    {
        var status = await StatusAsync().ConfigureAwait(false);
        var started = Time.GetTimestamp();
        var refusals = 0;
        for (var polls = 0; status is null or { State: DnBusy or DnloadSync } && refusals < MostRefusals && Time.GetElapsedTime(started) < Long; polls++)
        {
            var soon = TimeSpan.FromMilliseconds(1 << Math.Min(polls, LongestDoubling));
            var poll = early || status is null || status.Value.Poll < soon ? soon : status.Value.Poll;
            refusals += status is null ? 1 : 0;
            await Task.Delay(poll, Time, CancellationToken.None).ConfigureAwait(false);
            status = await StatusAsync().ConfigureAwait(false);
        }

        return status;
    }

    /// <summary>Brings it to dfuIDLE from wherever it is; asks with GETSTATE, since GETSTATUS may start something.</summary>
    public async ValueTask SettleAsync()
    {
        const int Attempts = 6;
        for (var i = 0; i < Attempts; i++)
        {
            var state = await StateAsync().ConfigureAwait(false) ?? (await StatusAsync().ConfigureAwait(false))?.State;
            switch (state)
            {
                case Idle:
                    return;
                case Error or null:
                    await ClrStatusAsync().ConfigureAwait(false);
                    break;
                case DnBusy:
                    await PollAsync(early: false).ConfigureAwait(false);
                    break;
                default:
                    await AbortAsync().ConfigureAwait(false);
                    break;
            }
        }
    }

    private async ValueTask<bool> OutAsync(byte request, ushort value, ReadOnlyMemory<byte> data)
    {
        Transfers++;
        try
        {
            await device.ControlOutAsync(new(ToInterface, request, value, interfaceNumber, (ushort)data.Length), data, Usual, CancellationToken.None).ConfigureAwait(false);
            return true;
        }
        catch (TransportException e) when (e.Failure != TransportFailure.Disconnected)
        {
            return false;
        }
    }
}
