using System.Text;
using Defuse.Transports;

namespace Defuse.Simulator.Roms;

/// <summary>Descriptors that every DFU device has, byte for byte (USB 2.0, section 9.6; USB DFU 1.1, section 4).</summary>
internal static class DescriptorBytes
{
    // Strings 1 to 3 are the manufacturer, the product and the serial number; the alternate settings follow.
    private const int FirstAlternateString = 4;

    /// <summary>The strings' one language: English (United States).</summary>
    public static byte[] Language => [4, UsbStandardRequest.StringDescriptor, 0x09, 0x04];

    public static byte[] String(string text, Encoding encoding)
    {
        var bytes = encoding.GetBytes(text);
        return [(byte)(bytes.Length + 2), UsbStandardRequest.StringDescriptor, .. bytes];
    }

    /// <param name="attributes">bmAttributes: 0xC0 for a self-powered device, 0x80 for one that the bus powers.</param>
    /// <param name="protocol">bInterfaceProtocol: 1 at run time, 2 in DFU mode.</param>
    /// <param name="alternates">How many alternate settings there are.</param>
    /// <param name="functional">The functional descriptor.</param>
    public static byte[] Configuration(byte attributes, byte protocol, int alternates, byte[] functional)
    {
        var length = 9 + (9 * alternates) + functional.Length;
        var bytes = new List<byte>
        {
            // wTotalLength, one interface, value 1, no string, bmAttributes, 100 mA.
            9, UsbStandardRequest.ConfigurationDescriptor, (byte)(length & 0xFF), (byte)(length >> 8), 1, 1, 0, attributes, 50,
        };
        for (var i = 0; i < alternates; i++)
        {
            // No endpoints but 0; class "application specific", subclass "device firmware upgrade".
            bytes.AddRange([9, UsbStandardRequest.InterfaceDescriptor, 0, (byte)i, 0, 0xFE, 1, protocol, (byte)(FirstAlternateString + i)]);
        }

        bytes.AddRange(functional);
        return [.. bytes];
    }
}
