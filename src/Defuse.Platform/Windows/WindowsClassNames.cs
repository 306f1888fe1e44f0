namespace Defuse.Platform.Windows;

/// <summary>The headings of Device Manager: what it calls the classes that drivers are of.</summary>
internal static class WindowsClassNames
{
    /// <summary>The heading that devices of a class stand under; a device without a driver has no class.</summary>
    public static string Heading(string? deviceClass) => deviceClass?.ToUpperInvariant() switch
    {
        null or "UNKNOWN" => "Other devices",
        "USB" => "Universal Serial Bus controllers",
        "USBDEVICE" => "Universal Serial Bus devices",
        "PORTS" => "Ports (COM & LPT)",
        "DISKDRIVE" => "Disk drives",
        "WPD" => "Portable Devices",
        "HIDCLASS" => "Human Interface Devices",
        "MEDIA" => "Sound, video and game controllers",
        "NET" => "Network adapters",
        "CAMERA" or "IMAGE" => "Cameras",
        _ => deviceClass,
    };
}
