using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.Targets.Dfu;

/// <summary>What a device says of itself that quirks are known by.</summary>
/// <param name="UsbId">idVendor in the upper half, idProduct in the lower.</param>
/// <param name="Release">bcdDevice.</param>
/// <param name="Product">The product string.</param>
/// <param name="SerialNumber">The serial number string, as it came.</param>
/// <param name="Layouts">The names of its alternate settings.</param>
/// <param name="Chips">DEV_ID of every chip that it may be.</param>
internal sealed record DfuTraits(
    uint UsbId, ushort Release, string? Product, string? SerialNumber, ImmutableArray<string> Layouts, ImmutableArray<ushort> Chips)
{
    public static DfuTraits Of(UsbDeviceInfo device) =>
        new(((uint)device.VendorId << 16) | device.ProductId, device.DeviceRelease, device.Product, device.SerialNumber, [], []);
}
