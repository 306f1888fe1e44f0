using Defuse.Devices;

namespace Defuse.Targets;

/// <summary>A device that takes one whole image and puts it where it sees fit: it has no addresses, and proves nothing.</summary>
/// <remarks>What it took is written, unverified.</remarks>
public interface IImageSink : ITarget
{
    /// <summary>Sends an image, and has the device make it its own.</summary>
    /// <param name="slot">Which of the places that its description names.</param>
    /// <param name="image">All of it, from its first byte.</param>
    /// <param name="sent">Called in order, on the caller's flow, with how many bytes the device has taken so far.</param>
    /// <param name="cancellationToken">Stops between blocks; the device then has part of an image.</param>
    /// <returns>What was seen of the device afterwards; null if it stays, for more or for a reset.</returns>
    /// <exception cref="TransportException">A block did not get through.</exception>
    /// <exception cref="DeviceRefusedException">The device refused a block, or the image as a whole.</exception>
    ValueTask<StartOutcome?> SendAsync(
        ImageSlot slot, ReadOnlyMemory<byte> image, IProgress<long>? sent, CancellationToken cancellationToken);
}
