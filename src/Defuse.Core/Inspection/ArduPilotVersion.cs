using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Defuse.Inspection;

/// <summary>The record that ArduPilot keeps of itself (AP_Common/AP_FWVersion.h): a mark of eight bytes, numbers, pointers to texts.</summary>
internal static class ArduPilotVersion
{
    /// <summary>0x61706677766572FB, "apfwver" and its checksum, as it lies in memory.</summary>
    public const string Marker = "\u00FBrevwfpa";

    private const int Length = 60;
    private const int LongestText = 64;

    public static FirmwareIdentity? Find(ImageText text)
    {
        foreach (var place in text.Places(Marker))
        {
            var record = text.From(place);
            if (record.Length >= Length && record[10] == 4 && record[9] is 1 or 2
                && Read(text, BinaryPrimitives.ReadUInt32LittleEndian(record[24..])) is { } words
                && words.Split(' ') is [var vehicle, ['V', ..] version, ..])
            {
                return new FirmwareIdentity($"ArduPilot {vehicle}", FirmwareKind.Product, words, text.AddressOf(place))
                {
                    Version = version,
                    Date = Date(BinaryPrimitives.ReadUInt32LittleEndian(record[20..])),
                };
            }
        }

        return null;
    }

    private static string? Read(ImageText text, uint address)
    {
        Span<byte> bytes = stackalloc byte[LongestText];
        var length = 0;
        while (length < bytes.Length && address + (long)length <= uint.MaxValue
            && text.Image.TryRead((uint)(address + length), bytes.Slice(length, 1)) && bytes[length] is >= 0x20 and < 0x7F)
        {
            length++;
        }

        return length < 8 ? null : Encoding.ASCII.GetString(bytes[..length]);
    }

    // Year, month and day as decimal digits; 0 if the build did not say.
    private static DateOnly? Date(uint digits) =>
        DateOnly.TryParseExact(digits.ToString(CultureInfo.InvariantCulture), "yyyyMMdd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date)
            ? date
            : null;
}
