using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Platform.Windows;

/// <summary>The ports in a location path of Windows: <c>PCIROOT(0)#PCI(1400)#USBROOT(0)#USB(4)#USB(2)</c>.</summary>
internal static class UsbLocationPath
{
    // USB 2.0, section 4.1.1: five hubs at most between a device and the root hub.
    private const int MostPorts = 7;

    /// <summary>The port of the root hub and of each hub behind it; empty if the path is of another form.</summary>
    public static ImmutableArray<byte> Ports(string path)
    {
        var ports = ImmutableArray.CreateBuilder<byte>();
        var isBehindRoot = false;
        foreach (var part in path.Split('#'))
        {
            if (!isBehindRoot)
            {
                isBehindRoot = part.StartsWith("USBROOT(", StringComparison.OrdinalIgnoreCase);
            }
            else if (part.StartsWith("USB(", StringComparison.OrdinalIgnoreCase)
                && part.EndsWith(')')
                && byte.TryParse(part.AsSpan(4, part.Length - 5), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
                && ports.Count < MostPorts)
            {
                ports.Add(port);
            }
            else
            {
                return [];
            }
        }

        return ports.ToImmutable();
    }

    /// <summary>How a place is called: BUS-PORT[.PORT...].</summary>
    public static string Format(int bus, IEnumerable<byte> ports) =>
        string.Create(CultureInfo.InvariantCulture, $"{bus}-{string.Join('.', ports)}");
}
