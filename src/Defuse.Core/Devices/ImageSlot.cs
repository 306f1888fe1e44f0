using System.Globalization;

namespace Defuse.Devices;

/// <summary>A place that a device puts a whole image into, behind an alternate setting of plain DFU.</summary>
/// <param name="AlternateSetting">bAlternateSetting.</param>
/// <param name="Name">What the device calls it; empty if it has no name for it.</param>
/// <param name="Address">Where an image for it was linked to, if its name says so ("Upload to Flash 0x8002000"); else null.</param>
public sealed record ImageSlot(byte AlternateSetting, string Name, uint? Address)
{
    /// <summary>The one address that a name holds, or null.</summary>
    internal static uint? AddressIn(string name)
    {
        const string Prefix = "0x";
        var at = name.IndexOf(Prefix, StringComparison.OrdinalIgnoreCase);
        if (at < 0 || name.IndexOf(Prefix, at + Prefix.Length, StringComparison.OrdinalIgnoreCase) >= 0)
        {
            return null;
        }

        var digits = name.AsSpan(at + Prefix.Length);
        var count = 0;
        while (count < digits.Length && char.IsAsciiHexDigit(digits[count]))
        {
            count++;
        }

        return uint.TryParse(digits[..count], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var address) ? address : null;
    }
}
