namespace Defuse.Images;

/// <summary>Two parts of a file want different bytes at the same address.</summary>
public sealed class ImageConflictException : DefuseException
{
    /// <param name="first">The part that came first.</param>
    /// <param name="second">The part that disagrees with it.</param>
    /// <param name="address">The first address that they disagree about.</param>
    /// <param name="expected">The first part's byte there.</param>
    /// <param name="found">The second part's byte there.</param>
    /// <param name="origin">Where the second part stands in its file ("line 12"), if that is known.</param>
    public ImageConflictException(AddressRange first, AddressRange second, uint address, byte expected, byte found, string? origin = null)
        : base(
            $"{first} and {second}{(origin is null ? "" : $" ({origin})")} disagree at 0x{address:X8}: 0x{expected:X2} and 0x{found:X2}",
            address,
            "the file holds two versions of the same bytes; build it again, or take the part that you want out of it")
    {
        First = first;
        Second = second;
        Origin = origin;
    }

    /// <summary>The part that came first.</summary>
    public AddressRange First { get; }

    /// <summary>The part that disagrees with it.</summary>
    public AddressRange Second { get; }

    /// <summary>Where the second part stands in its file, if that is known.</summary>
    public string? Origin { get; }
}
