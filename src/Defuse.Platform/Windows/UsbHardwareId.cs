using System.Globalization;
using Defuse.Transports;

namespace Defuse.Platform.Windows;

/// <summary>A hardware id, or the middle of an instance id, of a USB device: <c>USB\VID_0483&amp;PID_DF11&amp;REV_2200&amp;MI_00</c>.</summary>
/// <param name="VendorId">idVendor.</param>
/// <param name="ProductId">idProduct.</param>
/// <param name="Release">bcdDevice, if it is in it.</param>
/// <param name="InterfaceNumber">The first interface of a function of a composite device; null for a whole device.</param>
internal readonly record struct UsbHardwareId(ushort VendorId, ushort ProductId, ushort? Release, byte? InterfaceNumber)
{
    private const string Bus = @"USB\";

    /// <summary>Reads an id; null if it is of another form, as those of root hubs are.</summary>
    /// <param name="text">The id; of an instance id all that follows the second backslash is left out.</param>
    public static UsbHardwareId? Parse(string text)
    {
        if (!text.StartsWith(Bus, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        ushort? vendor = null;
        ushort? product = null;
        ushort? release = null;
        byte? number = null;
        foreach (var part in text[Bus.Length..].Split('\\')[0].Split('&'))
        {
            vendor ??= Hex(part, "VID_", 4);
            product ??= Hex(part, "PID_", 4);
            release ??= Hex(part, "REV_", 4);
            number ??= (byte?)Hex(part, "MI_", 2);
        }

        return vendor is { } v && product is { } p ? new(v, p, release, number) : null;
    }

    /// <summary>What a compatible id tells of an interface, <c>USB\Class_FE&amp;SubClass_01&amp;Prot_02</c>; null if it tells less, or of the device.</summary>
    public static UsbInterfaceInfo? ParseClass(string compatibleId)
    {
        var parts = compatibleId.StartsWith(Bus, StringComparison.OrdinalIgnoreCase) ? compatibleId[Bus.Length..].Split('&') : [];
        return parts.Length == 3 && Hex(parts[0], "Class_", 2) is { } major && Hex(parts[1], "SubClass_", 2) is { } minor && Hex(parts[2], "Prot_", 2) is { } protocol
            ? new UsbInterfaceInfo((byte)major, (byte)minor, (byte)protocol)
            : null;
    }

    /// <summary>
    /// The serial number that ends an instance id; null where Windows made that end up itself, from the port: it then contains '&amp;',
    /// because the device has no serial number, or one that another device has too.
    /// </summary>
    public static string? SerialNumberIn(string instanceId) =>
        instanceId.Split('\\') is [_, _, { Length: > 0 } end] && !end.Contains('&', StringComparison.Ordinal) ? end : null;

    private static ushort? Hex(string part, string prefix, int digits) =>
        part.Length == prefix.Length + digits
        && part.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        && ushort.TryParse(part.AsSpan(prefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value)
            ? value
            : null;
}
