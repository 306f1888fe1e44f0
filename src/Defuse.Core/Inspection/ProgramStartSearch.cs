using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>Finds the vector table of an image.</summary>
internal static class ProgramStartSearch
{
    private const uint Flash = 0x0800_0000;
    private const uint FlashSpace = 0x0100_0000;

    // VTOR takes multiples of 0x80 to 0x400, by the number of vectors; linkers put tables where a sector or a header ends.
    private const uint Step = 0x200;
    private const int FewestHandlers = 3;

    public static ProgramStart Of(FirmwareImage image, uint? entryPoint)
    {
        if (image.Extent is not { } extent)
        {
            return new ProgramStart { EntryPoint = entryPoint };
        }

        var first = VectorTable.TryRead(image, extent.Start);
        var findings = first?.Check(image) ?? ["the image is too short for a vector table"];
        var table = first is not null && findings.IsEmpty ? first : Search(image);
        return new ProgramStart
        {
            Table = table,
            Findings = findings,
            EntryPoint = entryPoint,
            EntryPointAgrees = table is null || entryPoint is not { } entry ? null : (entry & ~1u) == (table.Reset & ~1u),
            Below = table is not null && table.Address is > Flash and < Flash + FlashSpace && !image.Covers(new AddressRange(Flash, 8))
                ? AddressRange.FromBounds(Flash, table.Address)
                : null,
        };
    }

    /// <summary>The first table in a range that is right in every word; null if there is none.</summary>
    public static VectorTable? Search(FirmwareImage image)
    {
        foreach (var segment in image.Segments)
        {
            for (var address = (segment.Range.Start + (long)Step - 1) / Step * Step; address + 64 <= segment.Range.End; address += Step)
            {
                // The reset vector first: it is the cheapest to look at.
                var offset = (int)(address - segment.Range.Start);
                var data = segment.Data.Span[offset..];
                if ((data[4] & 1) != 0 && data[7] == (byte)(address >> 24)
                    && VectorTable.TryRead(image, (uint)address) is { } table && CountHandlers(data) >= FewestHandlers && table.Check(image).IsEmpty)
                {
                    return table;
                }
            }
        }

        return null;
    }

    private static int CountHandlers(ReadOnlySpan<byte> table)
    {
        var count = 0;
        for (var i = 1; i < 16; i++)
        {
            count += table.Slice(i * 4, 4).ContainsAnyExcept((byte)0) ? 1 : 0;
        }

        return count;
    }
}
