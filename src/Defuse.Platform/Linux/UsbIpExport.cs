namespace Defuse.Platform.Linux;

/// <summary>How a device of this machine is reached over USB/IP.</summary>
internal static class UsbIpExport
{
    /// <summary>The driver of a device that the kernel exports.</summary>
    public const string Driver = "usbip-host";

    public static string Remedy(string location) =>
        $"`sudo modprobe usbip-host && sudo usbipd -D && sudo usbip bind -b {location}`, then use `--device usbip://localhost/{location}`";
}
