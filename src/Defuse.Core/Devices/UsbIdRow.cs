namespace Defuse.Devices;

/// <summary>A row of the data: which devices it is about, and what they are.</summary>
/// <param name="VendorId">idVendor; null for any.</param>
/// <param name="ProductId">idProduct; null for any.</param>
/// <param name="Manufacturer">A part of iManufacturer's text, in any case; null for any.</param>
/// <param name="Product">A part of iProduct's text, in any case; null for any.</param>
/// <param name="Entry">What they are.</param>
internal sealed record UsbIdRow(ushort? VendorId, ushort? ProductId, string? Manufacturer, string? Product, UsbIdEntry Entry)
{
    // A text names a program, where ids are often those of an example that the program was made from.
    private const int TextWeight = 3;

    /// <summary>How much it says: of several rows that fit, the one with the most counts.</summary>
    public int Weight => (VendorId is null ? 0 : 1) + (ProductId is null ? 0 : 1) + (Manufacturer is null ? 0 : TextWeight) + (Product is null ? 0 : TextWeight);

    public bool Fits(ushort vendorId, ushort productId, string? manufacturer, string? product) =>
        (VendorId is null || VendorId == vendorId)
        && (ProductId is null || ProductId == productId)
        && Has(manufacturer, Manufacturer)
        && Has(product, Product);

    private static bool Has(string? text, string? part) => part is null || (text?.Contains(part, StringComparison.OrdinalIgnoreCase) ?? false);
}
