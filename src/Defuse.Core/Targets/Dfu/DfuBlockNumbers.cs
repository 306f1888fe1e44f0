namespace Defuse.Targets.Dfu;

/// <summary>Knows where the address pointer is, and which number a block has from there.</summary>
/// <remarks>
/// Full blocks count up from 2, so that one address command serves a whole run: the device adds (wBlockNum - 2) *
/// wTransferSize to the pointer (AN3156). A short block has no number but 2: AN2662 can be read as multiplying by the
/// length asked for, and then it would land elsewhere. The count starts anew before it leaves 16 bits.
/// </remarks>
/// <param name="blockSize">wTransferSize.</param>
internal sealed class DfuBlockNumbers(int blockSize)
{
    private uint? _pointer;

    /// <summary>The pointer was set.</summary>
    public void PointTo(uint address) => _pointer = address;

    /// <summary>Where the pointer is, is not known.</summary>
    public void Forget() => _pointer = null;

    /// <summary>The number of a block that continues what was begun at the pointer; null if the pointer must be set first.</summary>
    /// <param name="address">Where the block begins.</param>
    /// <param name="length">How many bytes it has.</param>
    public ushort? Of(uint address, int length)
    {
        var distance = (long)address - (_pointer ?? address);
        var number = DfuSeProtocol.FirstBlock + (distance / blockSize);
        return _pointer is not null && length == blockSize && distance > 0 && distance % blockSize == 0 && number < DfuSeProtocol.BlockLimit
            ? (ushort)number
            : null;
    }
}
