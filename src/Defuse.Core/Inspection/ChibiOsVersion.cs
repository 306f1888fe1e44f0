using System.Buffers.Binary;
using System.Globalization;

namespace Defuse.Inspection;

/// <summary>
/// The record that ChibiOS/RT keeps for debuggers, <c>ch_debug</c>: "main", 0, the record's size, the kernel's version in 16
/// bits, the sizes of a pointer, of a time and of a thread, then where a thread keeps its parts (ChibiOS, chregistry.c).
/// </summary>
internal static class ChibiOsVersion
{
    public const string Marker = "main\0";

    private const int Offsets = 4;

    public static FirmwareIdentity? Find(ImageText text)
    {
        foreach (var place in text.Places(Marker))
        {
            var record = text.From(place);
            if (record.Length >= 24 && IsRecord(record[..24]))
            {
                var version = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
                var words = string.Create(CultureInfo.InvariantCulture, $"{version >> 11}.{(version >> 6) & 31}.{version & 63}");
                return new FirmwareIdentity("ChibiOS/RT", FirmwareKind.OperatingSystem, "the kernel's record for debuggers", text.AddressOf(place))
                {
                    Version = words,
                };
            }
        }

        return null;
    }

    private static bool IsRecord(ReadOnlySpan<byte> record)
    {
        var version = BinaryPrimitives.ReadUInt16LittleEndian(record[6..]);
        var (size, pointer, time, thread) = (record[5], record[8], record[9], record[10]);
        if (size is < 16 or > 80 || version >> 11 is < 2 or > 9 || pointer != 4 || time is not (2 or 4 or 8) || thread is < 32 or > 252 || thread % 4 != 0)
        {
            return false;
        }

        var parts = record.Slice(11, Offsets);
        for (var i = 0; i < parts.Length; i++)
        {
            if (parts[i] % 4 != 0 || parts[i] >= thread || parts[i] <= (i == 0 ? 0 : parts[i - 1]))
            {
                return false;
            }
        }

        return true;
    }
}
