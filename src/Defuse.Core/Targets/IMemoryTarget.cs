using Defuse.Images;

namespace Defuse.Targets;

/// <summary>A device whose memory can be erased, written and read back, through whichever connection.</summary>
/// <remarks>
/// One operation at a time. Every operation looks at its token between blocks and sectors only, so that what was begun
/// is finished: after an <see cref="OperationCanceledException"/> nothing is half done.
/// </remarks>
public interface IMemoryTarget : ITarget
{
    /// <summary>Erases the sector that holds an address.</summary>
    /// <exception cref="TransportException">The request did not get through; the sector's content is unknown.</exception>
    /// <exception cref="DeviceRefusedException">The device refused or failed to erase.</exception>
    ValueTask EraseSectorAsync(uint address, CancellationToken cancellationToken);

    /// <summary>Erases all of the main flash at once.</summary>
    /// <exception cref="TransportException">The request did not get through; nothing is known of the content.</exception>
    /// <exception cref="DeviceRefusedException">The device refused or failed to erase.</exception>
    ValueTask EraseAllAsync(CancellationToken cancellationToken);

    /// <summary>Writes bytes to memory that was erased before.</summary>
    /// <param name="address">Where the first byte goes.</param>
    /// <param name="data">The bytes.</param>
    /// <param name="written">Called in order, on the caller's flow, with each block that the device confirmed.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TransportException">A block did not get through; its content is unknown.</exception>
    /// <exception cref="DeviceRefusedException">The device refused or failed to write.</exception>
    ValueTask WriteAsync(uint address, ReadOnlyMemory<byte> data, IProgress<AddressRange>? written, CancellationToken cancellationToken);

    /// <summary>Reads memory block by block, as fast as the blocks are taken; stop taking to stop reading.</summary>
    /// <param name="range">What to read.</param>
    /// <param name="cancellationToken">Stops between blocks.</param>
    /// <exception cref="TransportException">A block did not get through.</exception>
    /// <exception cref="DeviceRefusedException">The device refused: read-out protection, or no memory there.</exception>
    IAsyncEnumerable<MemoryBlock> ReadAsync(AddressRange range, CancellationToken cancellationToken);

    /// <summary>Has the device leave its bootloader and run the program whose vector table is at an address.</summary>
    /// <exception cref="DeviceRefusedException">The device stayed in its bootloader.</exception>
    ValueTask<StartOutcome> StartAsync(uint address, CancellationToken cancellationToken);

    /// <summary>Brings the device back into the state in which any operation may begin, whatever happened before.</summary>
    /// <exception cref="TransportException">It can no longer be reached.</exception>
    /// <exception cref="DeviceRefusedException">It does not return to that state.</exception>
    ValueTask SettleAsync(CancellationToken cancellationToken);
}
