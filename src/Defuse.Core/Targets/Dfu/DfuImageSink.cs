using Defuse.Devices;
using Defuse.Transports;

namespace Defuse.Targets.Dfu;

/// <summary>A device in DFU mode without ST's extensions (USB DFU 1.1): it takes one image, block after block.</summary>
internal sealed class DfuImageSink(IUsbDevice device, DfuRequests requests, DfuQuirks quirks, DfuFunctionalDescriptor functional, byte interfaceNumber, TargetDescription description) : IImageSink
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
            await SendBlockAsync((ushort)(block & 0xFFFF), part, position).ConfigureAwait(false);
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

    private async ValueTask SendBlockAsync(ushort number, ReadOnlyMemory<byte> data, int position)
    {
        var what = $"a block of the image, from its byte {position} on";
        try
        {
            await requests.DnloadAsync(number, data).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure == TransportFailure.Stall)
        {
            // Whether the device has the block nobody knows, even where its status is that of one that waits for the next.
            var reason = await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
            throw reason.Code != DfuStatusCode.Ok
                ? new DfuException(what, reason, null, remedy: Remedy)
                : new TransportException(TransportFailure.Stall, $"the device refused {what} (STALL), and gives no reason", Replug, innerException: e);
        }

        var status = await WaitAsync(x => x is DfuState.DownloadSync or DfuState.DownloadBusy, BlockBudget).ConfigureAwait(false);
        if (status is not { State: DfuState.DownloadIdle, Code: DfuStatusCode.Ok })
        {
            throw new DfuException(what, status, null, remedy: Remedy);
        }
    }

    private string Remedy => description.Slots.Length > 1
        ? $"see that the file is for this device, and send it to another of its alternate settings ({string.Join(", ", description.Slots.Select(x => $"--alt {x.AlternateSetting}"))})"
        : "see that the file is for this device, and not too long for it";

    // What takes an image may be gone with its last answer, or before it, or answer nothing until the bus is reset.
    private async ValueTask<StartOutcome?> ManifestAsync()
    {
        DfuStatus status;
        try
        {
            status = await WaitAsync(
                x => x is DfuState.ManifestSync or DfuState.Manifest or DfuState.DownloadSync or DfuState.DownloadBusy, ManifestBudget).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure is TransportFailure.Disconnected)
        {
            return StartOutcome.LeftWithoutAnswer;
        }
        catch (TransportException e) when (e.Failure is TransportFailure.Stall && !functional.IsManifestationTolerant)
        {
            return null;
        }

        return status is { Code: DfuStatusCode.Ok, State: DfuState.Idle or DfuState.ManifestWaitReset or DfuState.AppIdle or DfuState.AppDetach }
            ? null
            : throw new DfuException("the image as a whole", status, null);
    }

    private async ValueTask<DfuStatus> WaitAsync(Func<DfuState, bool> goesOn, TimeSpan budget)
    {
        var started = device.Time.GetTimestamp();
        while (true)
        {
            var status = await requests.GetStatusAsync(DfuRequests.WorkTimeout).ConfigureAwait(false);
            if (status.Code != DfuStatusCode.Ok || !goesOn(status.State))
            {
                return status;
            }

            var left = budget - device.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                throw new TransportException(TransportFailure.Timeout, $"the device was still busy after {budget.TotalSeconds:0} s", Replug);
            }

            // Without ST's extensions a device may refuse all that comes before its time is over (USB DFU 1.1, A.2.5).
            var wait = status.PollTimeout < ShortestPoll ? ShortestPoll : status.PollTimeout;
            await Task.Delay(wait < left ? wait : left, device.Time, CancellationToken.None).ConfigureAwait(false);
        }
    }
}
