using Defuse.Devices;
using Defuse.Transports;

namespace Defuse.Targets.Dfu;

/// <summary>A device in DFU mode without ST's extensions (USB DFU 1.1): it takes one image, block after block.</summary>
internal sealed class DfuImageSink(IUsbDevice device, DfuRequests requests, DfuQuirks quirks, byte interfaceNumber, TargetDescription description) : IImageSink
{
    // A block may have a big sector erased, and manifestation copy all of an image.
    private static readonly TimeSpan BlockBudget = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ManifestBudget = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(1);

    private const string Replug = "plug the board in again, in DFU mode, and run the same command again";

    public TargetDescription Description => description;

    public TimeProvider Time => device.Time;

    /// <inheritdoc/>
    public async ValueTask<StartOutcome?> SendAsync(
        ImageSlot slot, ReadOnlyMemory<byte> image, IProgress<long>? sent, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(slot);
        if (image.IsEmpty)
        {
            throw new ArgumentException("An image has at least one byte.", nameof(image));
        }

        cancellationToken.ThrowIfCancellationRequested();
        await device.SelectAlternateSettingAsync(interfaceNumber, slot.AlternateSetting, CancellationToken.None).ConfigureAwait(false);
        await SettleAsync(CancellationToken.None).ConfigureAwait(false);
        var block = 0;
        for (var position = 0; position < image.Length; position += description.BlockSize, block++)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                await SettleAsync(CancellationToken.None).ConfigureAwait(false);
                cancellationToken.ThrowIfCancellationRequested();
            }

            var part = image.Slice(position, Math.Min(description.BlockSize, image.Length - position));
            DfuStatus status;
            try
            {
                await requests.DnloadAsync((ushort)(block & 0xFFFF), part).ConfigureAwait(false);
                status = await WaitAsync(DfuState.DownloadIdle, BlockBudget).ConfigureAwait(false);
            }
            catch (TransportException e) when (e.Failure == TransportFailure.Stall)
            {
                // A STALL says only that something was refused; the status says what.
                status = await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
            }

            if (status is not { State: DfuState.DownloadIdle, Code: DfuStatusCode.Ok })
            {
                throw new DfuException($"a block of the image, from its byte {position} on", status, null);
            }

            sent?.Report(position + part.Length);
        }

        await requests.DnloadAsync((ushort)(block & 0xFFFF), default).ConfigureAwait(false);
        return await ManifestAsync().ConfigureAwait(false);
    }

    /// <summary>Brings the device to dfuIDLE.</summary>
    public async ValueTask SettleAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await new DfuSeProtocol(requests, quirks with { PollsAsReported = true }).SettleAsync().ConfigureAwait(false);
    }

    public ValueTask DisposeAsync() => device.DisposeAsync();

    // What takes an image may be gone with its last answer, or before it, or answer nothing until the bus is reset.
    private async ValueTask<StartOutcome?> ManifestAsync()
    {
        DfuStatus status;
        try
        {
            status = await WaitAsync(DfuState.Idle, ManifestBudget).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure is TransportFailure.Disconnected)
        {
            return StartOutcome.LeftWithoutAnswer;
        }
        catch (TransportException e) when (e.Failure is TransportFailure.Stall)
        {
            return null;
        }

        return status switch
        {
            { Code: not DfuStatusCode.Ok } or { State: DfuState.Error } => throw new DfuException("the image", status, null),
            _ => null,
        };
    }

    private async ValueTask<DfuStatus> WaitAsync(DfuState until, TimeSpan budget)
    {
        var started = device.Time.GetTimestamp();
        var isManifesting = until == DfuState.Idle;
        while (true)
        {
            var status = await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
            var goesOn = isManifesting
                ? status.State is DfuState.ManifestSync or DfuState.Manifest
                : status.State is DfuState.DownloadSync or DfuState.DownloadBusy;
            if (status.Code != DfuStatusCode.Ok || !goesOn)
            {
                return status;
            }

            if (device.Time.GetElapsedTime(started) > budget)
            {
                throw new TransportException(TransportFailure.Timeout, $"the device was still busy after {budget.TotalSeconds:0} s", Replug);
            }

            // Without ST's extensions a device may refuse all that comes before its time is over (USB DFU 1.1, A.2.5).
            var wait = status.PollTimeout < ShortestPoll ? ShortestPoll : status.PollTimeout;
            await Task.Delay(wait, device.Time, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
