using Defuse.Formats;

namespace Defuse.Cli.Output;

/// <summary>A firmware file, for people.</summary>
internal static class FileText
{
    private const int Column = 14;
    private const int MostSegments = 20;

    public static IEnumerable<string> Of(FileFacts facts)
    {
        var file = facts.File;
        yield return $"{FirmwareSource.NameOf(facts.Path)}: {FormatTable.Of(file.Format).Title}, {Texts.Bytes(facts.Size)}";
        if (facts.Identity is { } identity)
        {
            yield return Field("Firmware", identity.ToString());
        }

        foreach (var line in Suffix(file.Suffix))
        {
            yield return line;
        }

        foreach (var target in file.Targets)
        {
            var name = target.Name is null ? "" : $" \"{target.Name}\"";
            yield return Field($"Target {target.AlternateSetting}", $"{Texts.Count(target.Elements.Length, "element")}{name}");
            foreach (var element in target.Elements.Take(MostSegments))
            {
                yield return Field("", Texts.Range(element));
            }
        }

        foreach (var line in Image(facts))
        {
            yield return line;
        }

        foreach (var line in VectorTable(facts))
        {
            yield return line;
        }

        if (file.EntryPoint is { } entry)
        {
            yield return Field("Entry point", Texts.Address(entry));
        }
    }

    private static IEnumerable<string> Suffix(DfuSuffix? suffix)
    {
        if (suffix is null)
        {
            yield break;
        }

        var release = suffix.DeviceRelease == 0xFFFF ? "any release" : $"release {suffix.DeviceRelease:x4}";
        yield return Field("Made for", $"USB device {suffix.VendorId:x4}:{suffix.ProductId:x4}, {release}; DFU {suffix.DfuVersion >> 8:x}.{suffix.DfuVersion & 0xFF:x2}");
        yield return Field("CRC", suffix.CrcIsValid ? $"{suffix.StoredCrc:x8}, right" : $"{suffix.StoredCrc:x8}, WRONG: the file's bytes give {suffix.ComputedCrc:x8}");
    }

    private static IEnumerable<string> Image(FileFacts facts)
    {
        var image = facts.File.Image;
        if (facts.File.NeedsAddress)
        {
            yield return Field("Addresses", "none: the file does not say where its bytes belong");
            yield break;
        }

        yield return Field("Image", $"{Texts.Bytes(image.ByteCount)} in {Texts.Count(image.Segments.Length, "segment")}");
        foreach (var segment in image.Segments.Take(MostSegments))
        {
            yield return Field("", Texts.Range(segment.Range));
        }

        if (image.Segments.Length > MostSegments)
        {
            yield return Field("", $"and {Texts.Count(image.Segments.Length - MostSegments, "more segment")}");
        }
    }

    private static IEnumerable<string> VectorTable(FileFacts facts)
    {
        if (facts.VectorTable is not { } table)
        {
            yield return Field("Vector table", "none");
            yield break;
        }

        if (facts.File.NeedsAddress)
        {
            yield return Field("Vector table", facts.VectorTableFindings.IsEmpty ? $"fits {Texts.Address(table.Address)}, where it goes by default" : $"does not fit {Texts.Address(table.Address)}; flash it with --address");
        }
        else
        {
            yield return Field("Vector table", $"at {Texts.Address(table.Address)}{(facts.VectorTableFindings.IsEmpty ? ", looks right" : "")}");
        }

        yield return Field("", $"stack pointer {Texts.Address(table.InitialStackPointer)}, reset {Texts.Address(table.Reset)}");
        foreach (var finding in facts.VectorTableFindings)
        {
            yield return Field("", finding);
        }
    }

    private static string Field(string name, string value) => $"  {name.PadRight(Column)}{value}";
}
