using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>The USB devices that are known by VID:PID and strings.</summary>
/// <remarks>Immutable. What comes with Defuse is loaded when the first device is asked for, once in a process.</remarks>
public sealed class UsbIdDatabase
{
    private readonly Lazy<ImmutableArray<UsbIdRow>> _rows;

    internal UsbIdDatabase(Func<ImmutableArray<UsbIdRow>> load) => _rows = new(() => [.. load().OrderByDescending(x => x.Weight)]);

    /// <summary>The devices that come with Defuse.</summary>
    public static UsbIdDatabase Default { get; } = new(UsbIdTable.Load);

    /// <summary>What a device is: the entry with the most that fits; null if none does.</summary>
    /// <param name="vendorId">idVendor.</param>
    /// <param name="productId">idProduct.</param>
    /// <param name="manufacturer">iManufacturer's text, where it is known.</param>
    /// <param name="product">iProduct's text, where it is known.</param>
    public UsbIdEntry? Find(ushort vendorId, ushort productId, string? manufacturer, string? product) =>
        _rows.Value.FirstOrDefault(x => x.Fits(vendorId, productId, manufacturer, product))?.Entry;
}
