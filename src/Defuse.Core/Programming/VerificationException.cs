namespace Defuse.Programming;

/// <summary>Memory was read back and is not as it should be.</summary>
public sealed class VerificationException : DefuseException
{
    /// <param name="difference">What differs.</param>
    /// <param name="afterWriting">Whether it was written just before.</param>
    /// <param name="isWriteProtected">Whether the sector is known to be write-protected.</param>
    public VerificationException(MemoryDifference difference, bool afterWriting, bool isWriteProtected = false)
        : base(
            difference is null
                ? throw new ArgumentNullException(nameof(difference))
                : $"{difference.Count} byte{(difference.Count == 1 ? "" : "s")} differ{(difference.Count == 1 ? "s" : "")}, the first at 0x{difference.Address:X8}: 0x{difference.Expected:X2} expected, 0x{difference.Found:X2} found",
            difference.Address,
            afterWriting && isWriteProtected ? "the sector is write-protected, its option bytes say: remove the write protection with STM32CubeProgrammer"
                : afterWriting
                ? "run the same command again; if the same place differs again, the sector may be write-protected or worn out"
                : "flash the file to bring the device into line with it") =>
        Difference = difference;

    /// <summary>What differs.</summary>
    public MemoryDifference Difference { get; }
}
