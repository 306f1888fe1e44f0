using System.Text;

namespace Defuse.Transports;

/// <summary>String descriptors (USB 2.0, section 9.6.7), as devices really send them.</summary>
public static class UsbString
{
    /// <summary>The text of a string descriptor, up to the first NUL; null if it is none or holds none.</summary>
    /// <param name="descriptor">The descriptor, as received. A bLength that disagrees with what came is tolerated.</param>
    /// <remarks>
    /// Some ROMs announce a bLength larger than the text and send what happens to lie behind it; the text ends at the
    /// first NUL (STM32F427, F429).
    /// </remarks>
    public static string? Decode(ReadOnlySpan<byte> descriptor)
    {
        if (descriptor.Length < 2 || descriptor[1] != UsbStandardRequest.StringDescriptor)
        {
            return null;
        }

        var length = Math.Min(descriptor[0], descriptor.Length);
        var text = Encoding.Unicode.GetString(descriptor[2..Math.Max(2, length & ~1)]);
        var end = text.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? text : text[..end];
    }
}
