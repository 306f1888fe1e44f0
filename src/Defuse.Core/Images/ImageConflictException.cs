namespace Defuse.Images;

/// <summary>Two parts of a file want different bytes at the same address.</summary>
public sealed class ImageConflictException : DefuseException
{
    /// <param name="first">The part that came first.</param>
    /// <param name="second">The part that disagrees with it.</param>
    /// <param name="address">An address that they disagree about.</param>
    /// <param name="firstByte">The first part's byte there.</param>
    /// <param name="secondByte">The second part's byte there.</param>
    /// <param name="firstOrigin">Where the first part stands in its file ("line 12"), if that is known.</param>
    /// <param name="secondOrigin">Where the second part stands in its file, if that is known.</param>
    /// <param name="remedy">What a person can do about it; the usual words for one file when null.</param>
    public ImageConflictException(
        AddressRange first,
        AddressRange second,
        uint address,
        byte firstByte,
        byte secondByte,
        string? firstOrigin = null,
        string? secondOrigin = null,
        string? remedy = null)
        : base(
            $"{Name(first, firstOrigin)} and {Name(second, secondOrigin)} disagree at 0x{address:X8}: 0x{firstByte:X2} and 0x{secondByte:X2}",
            address,
            remedy ?? "the file holds two versions of the same bytes; build it again, or take the part that you want out of it")
    {
        First = first;
        Second = second;
        FirstByte = firstByte;
        SecondByte = secondByte;
        FirstOrigin = firstOrigin;
        SecondOrigin = secondOrigin;
    }

    /// <summary>The part that came first.</summary>
    public AddressRange First { get; }

    /// <summary>The part that disagrees with it.</summary>
    public AddressRange Second { get; }

    /// <summary>What the first part wants at the address.</summary>
    public byte FirstByte { get; }

    /// <summary>What the second part wants at the address.</summary>
    public byte SecondByte { get; }

    /// <summary>Where the first part stands in its file, if that is known.</summary>
    public string? FirstOrigin { get; }

    /// <summary>Where the second part stands in its file, if that is known.</summary>
    public string? SecondOrigin { get; }

    private static string Name(AddressRange range, string? origin) => origin is null ? $"{range}" : $"{range} ({origin})";
}
