using System.Collections.Immutable;
using System.Text;
using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>An inspection as text for people; the same inspection always gives the same text.</summary>
public static class ImageInspectionText
{
    private const int Column = 11;
    private const int MostRanges = 4;
    private const int MostSectors = 40;

    // Less than that is a table, or the end of a sector.
    private const int LeastBlank = 16 * 1024;
    private const int LeastUnused = 1024;

    // A wider one lies between two memories.
    private const int WidestGap = 16 * 1024 * 1024;

    /// <summary>Renders an inspection: first what it is, what for and whether it fits; then the details.</summary>
    public static string Render(ImageInspection inspection)
    {
        ArgumentNullException.ThrowIfNull(inspection);
        var text = new StringBuilder();
        foreach (var (label, line) in Lines(inspection))
        {
            text.Append(label.PadRight(Column)).Append(line).Append('\n');
        }

        return text.ToString();
    }

    private static IEnumerable<(string Label, string Line)> Lines(ImageInspection inspection)
    {
        if (inspection.Image.IsEmpty)
        {
            return [("what", "nothing: the image is empty")];
        }

        return
        [
            .. Identity(inspection),
            .. Chips(inspection),
            .. Start(inspection),
            .. Sectors(inspection.Sectors),
            .. Content(inspection),
            .. inspection.Identities.Select((x, i) => (i == 0 ? "evidence" : "", $"{x.Name}: \"{x.Evidence}\" at {At(inspection, x.EvidenceAddress)}")),
        ];
    }

    private static IEnumerable<(string Label, string Line)> Identity(ImageInspection inspection)
    {
        var identities = inspection.Identities;
        yield return ("what", identities is [var first, ..] ? (first with { Board = null, Mcu = null }).ToString() : "unknown: nothing in it says what it is");
        if (identities.Length > 1)
        {
            yield return ("with", Words.List([.. identities.Skip(1).Select(x => (x with { Board = null, Mcu = null }).ToString())], identities.Length));
        }

        var board = identities.FirstOrDefault(x => x.Board is not null);
        var mcu = board?.Mcu ?? identities.FirstOrDefault(x => x.Mcu is not null)?.Mcu;
        if ((board?.Board, mcu) is not (null, null))
        {
            yield return ("for", board is null ? mcu! : mcu is null ? board.Board! : $"{board.Board} with {mcu}");
        }

        if (inspection.MadeFor is { Families: [_, ..] families })
        {
            yield return ("file for", string.Join(" and ", families));
        }

        if (inspection.MadeFor is { TargetPart: { } part } madeFor)
        {
            yield return ("file for", $"{part}, as its target's name says: \"{madeFor.TargetName}\"");
        }
    }

    private static IEnumerable<(string Label, string Line)> Chips(ImageInspection inspection)
    {
        if (inspection.HasAddresses && ChipFitText.Fits(inspection.Chips) is { } fits)
        {
            yield return ("fits", fits);
        }

        if (ChipFitText.WhyNone(inspection.Chips) is { } why)
        {
            yield return ("fits", $"no STM32 that is known: {why}");
        }

        if (inspection.HasAddresses && ChipFitText.Near(inspection.Chips) is { } near)
        {
            yield return ("not", near);
        }

        if (inspection.Start.Below is { } below)
        {
            yield return ("needs", $"a bootloader in {Words.Range(below)}, which starts the program at {Words.Address((uint)below.End)}");
        }

        if (inspection.Chips.Any(x => x.FitsInside) && inspection.Chips.SelectMany(x => x.Misfits).FirstOrDefault(x => x.Kind == ChipMisfitKind.External) is { } external)
        {
            yield return ("needs", $"memory beside the chip, or a bootloader that takes it: {external.Reason}");
        }
    }

    private static IEnumerable<(string Label, string Line)> Start(ImageInspection inspection)
    {
        var start = inspection.Start;
        if (start.PlacedAt is { } placed)
        {
            var best = start.Candidates[0];
            var why = start.Candidates.Length == 1 ? "its vectors fit nowhere else" : $"there {best.Agreeing} of its pointers meet a function";
            yield return ("address", $"none in the file; its code was linked for {Words.Address(placed)}: {why}");
        }
        else if (!inspection.HasAddresses)
        {
            yield return ("address", start.Candidates switch
            {
                [] => "none in the file, and it does not begin with a vector table",
                [{ Address: 0 }] => "none in the file; its vectors fit 0x00000000, where other makers' chips have their flash",
                _ => $"none in the file; its vectors fit {Words.List([.. start.Candidates.Select(x => Words.Address(x.Address))], MostRanges)}, and others may fit too",
            });
        }

        if (start.Table is { } table)
        {
            var moved = start.Findings.IsEmpty ? "" : ", not where the image starts";
            yield return ("starts", $"at {Words.Address(table.Reset & ~1u)}, from the vector table at {Words.Address(table.Address)}{moved}");
            yield return ("stack", $"from {Words.Address(table.InitialStackPointer)} down: the chip needs RAM there");
        }
        else if (inspection.HasAddresses)
        {
            yield return ("starts", $"no vector table: {start.Findings[0]}");
        }

        if (start.EntryPointAgrees == false)
        {
            yield return ("", $"the file's entry point {Words.Address(start.EntryPoint!.Value)} is another than the vector table's");
        }
    }

    private static IEnumerable<(string Label, string Line)> Sectors(SectorReport? report)
    {
        if (report is null)
        {
            yield break;
        }

        var erased = report.Touched.Sum(x => x.Sector.Range.Length);
        yield return ("erases", report.Touched.IsEmpty
            ? "nothing: no byte of it lies in this memory"
            : $"{report.Touched.Length} sector{(report.Touched.Length == 1 ? "" : "s")}, {Words.Size(erased)}, for {Words.Bytes(report.Touched.Sum(x => x.ImageBytes))}");
        var uses = Uses(report.Touched).ToList();
        foreach (var use in uses.Take(MostSectors))
        {
            yield return ("", use);
        }

        if (uses.Count > MostSectors)
        {
            yield return ("", $"and {uses.Count - MostSectors} more lines like these");
        }

        if (!report.Kept.IsEmpty)
        {
            yield return ("keeps", Ranges(report.Kept));
        }

        if (report.Replaced is { } replaced)
        {
            yield return ("replaces", replaced.ToString());
        }

        foreach (var loss in report.Losses)
        {
            yield return ("loses", $"{loss.What} in {Words.Range(loss.Range)}: it shares sectors with the image");
        }

        if (report.Bootloader is { } bootloader)
        {
            yield return ("overwrites", $"the bootloader in {Words.Range(bootloader.Range)}: {bootloader.What}");
        }
    }

    // Neighbours that are full are one line: a page of 2 KB is nothing to tell of.
    private static IEnumerable<string> Uses(ImmutableArray<SectorUse> touched)
    {
        for (var i = 0; i < touched.Length;)
        {
            var first = touched[i];
            var next = i + 1;
            while (first.Rest == 0 && next < touched.Length && touched[next].Rest == 0 && touched[next].Sector.Range.Start == touched[next - 1].Sector.Range.End)
            {
                next++;
            }

            var range = AddressRange.FromBounds(first.Sector.Range.Start, touched[next - 1].Sector.Range.End);
            var numbers = next == i + 1 ? $"{first.Sector.Number}" : $"{first.Sector.Number}-{touched[next - 1].Sector.Number}";
            yield return $"{numbers,7} {range}  {(first.Rest == 0 ? "full" : $"{Words.Bytes(first.ImageBytes)} of {Words.Size(first.Sector.Range.Length)}")}";
            i = next;
        }
    }

    private static IEnumerable<(string Label, string Line)> Content(ImageInspection inspection)
    {
        var content = inspection.Content;
        var segments = inspection.Image.Segments;
        yield return ("size", segments is not [var only] ? $"{Words.Bytes(content.ByteCount)} in {segments.Length} segments: {Ranges([.. segments.Select(x => x.Range)])}"
            : inspection.HasAddresses ? $"{Words.Bytes(content.ByteCount)}, {only.Range}"
            : Words.Bytes(content.ByteCount));
        if (content.Used is null)
        {
            yield return ("blank", "all of it: every byte is 0xFF");
        }
        else if (content.ByteCount - content.UsedBytes >= LeastUnused)
        {
            yield return ("used", $"{Words.Bytes(content.UsedBytes)}; the others are erased bytes at its ends");
        }

        var blanks = content.Blanks.Where(x => x.Range.Length >= LeastBlank && content.Used is { } used && used.Contains(x.Range)).ToList();
        if (blanks.Count > 0)
        {
            yield return ("blank", Words.List([.. blanks.Select(x => $"{Where(inspection, x.Range)} of 0x{x.Value:X2}")], MostRanges));
        }

        ImmutableArray<AddressRange> gaps = [.. content.Gaps.Where(x => x.Length is >= LeastUnused and <= WidestGap)];
        if (inspection.Sectors is null && !gaps.IsEmpty)
        {
            yield return (gaps.Length == 1 ? "gap" : "gaps", Ranges(gaps));
        }

        if (!content.Packed.IsEmpty)
        {
            yield return ("packed", $"looks compressed or encrypted in {Words.List([.. content.Packed.Select(x => Where(inspection, x))], MostRanges)}");
        }

        foreach (var system in content.FileSystems.Take(MostRanges))
        {
            yield return ("holds", $"a {system.Name} file system at {At(inspection, system.Address)}");
        }

        if (content.IsDoubled)
        {
            yield return ("twice", "its second half repeats the first");
        }
    }

    private static string At(ImageInspection inspection, uint address) =>
        inspection.HasAddresses ? Words.Address(address) : $"offset 0x{address:X}";

    private static string Where(ImageInspection inspection, AddressRange range) =>
        inspection.HasAddresses ? Words.Range(range) : $"offset 0x{range.Start:X}-0x{range.Last:X} ({Words.Size(range.Length)})";

    private static string Ranges(ImmutableArray<AddressRange> ranges) => Words.List([.. ranges.Select(Words.Range)], MostRanges);
}
