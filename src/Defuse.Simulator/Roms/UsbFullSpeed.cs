namespace Defuse.Simulator.Roms;

/// <summary>How long transfers take at 12 Mbit/s.</summary>
/// <remarks>
/// The model is plain: a control transfer begins with a frame of 1 ms and ends with one. It needs a transaction for
/// setup, one for each 64 bytes of data, and one for status; a frame holds 19 of them (USB 2.0, table 5-9).
/// </remarks>
internal static class UsbFullSpeed
{
    private const int PacketSize = 64;
    private const int TransactionsPerFrame = 19;

    public static TimeSpan DurationOf(int dataLength)
    {
        var transactions = 2 + ((dataLength + PacketSize - 1) / PacketSize);
        return TimeSpan.FromMilliseconds((transactions + TransactionsPerFrame - 1) / TransactionsPerFrame);
    }

    /// <summary>A bulk transfer: as many packets as fit into each frame, and the frame that it begins in.</summary>
    public static TimeSpan DurationOfBulk(int dataLength)
    {
        var transactions = 1 + (dataLength / PacketSize);
        return TimeSpan.FromMilliseconds((transactions + TransactionsPerFrame - 1) / TransactionsPerFrame);
    }
}
