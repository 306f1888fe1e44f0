using Defuse.Images;

namespace Defuse.Targets.Dfu;

/// <summary>Cuts a run into data blocks.</summary>
internal static class DfuBlocks
{
    /// <summary>
    /// Full blocks count up from 2, so that one address command serves the whole run. A short last block gets an
    /// address of its own: AN2662 can be read as multiplying by the length asked for, and then it would land elsewhere.
    /// The count starts anew before it leaves 16 bits.
    /// </summary>
    /// <param name="range">The run.</param>
    /// <param name="blockSize">wTransferSize.</param>
    public static IEnumerable<DfuBlock> Of(AddressRange range, int blockSize)
    {
        int number = DfuSeProtocol.FirstBlock;
        for (long address = range.Start; address < range.End; address += blockSize, number++)
        {
            var length = Math.Min(blockSize, range.End - address);
            if (number == DfuSeProtocol.BlockLimit || length < blockSize)
            {
                number = DfuSeProtocol.FirstBlock;
            }

            yield return new DfuBlock((ushort)number, new AddressRange((uint)address, length));
        }
    }
}
