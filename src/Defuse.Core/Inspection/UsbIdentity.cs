namespace Defuse.Inspection;

/// <summary>The USB device that a file says it was made for.</summary>
/// <param name="VendorId">idVendor; 0xFFFF for any.</param>
/// <param name="ProductId">idProduct; 0xFFFF for any, and 0x0000 as ST's file manager writes it for any.</param>
public readonly record struct UsbIdentity(ushort VendorId, ushort ProductId)
{
    /// <summary>Whether a device is one of those meant.</summary>
    public bool Matches(ushort vendorId, ushort productId) =>
        (VendorId == 0xFFFF || VendorId == vendorId) && (ProductId is 0xFFFF or 0x0000 || ProductId == productId);
}
