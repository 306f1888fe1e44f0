using Defuse.Images;

namespace Defuse.Targets.Dfu;

/// <summary>Cuts a run into data blocks.</summary>
internal static class DfuBlocks
{
    /// <summary>Full blocks, and what is left as a short one.</summary>
    /// <param name="range">The run.</param>
    /// <param name="blockSize">wTransferSize.</param>
    public static IEnumerable<AddressRange> Of(AddressRange range, int blockSize)
    {
        for (long address = range.Start; address < range.End; address += blockSize)
        {
            yield return AddressRange.FromBounds(address, Math.Min(range.End, address + blockSize));
        }
    }
}
