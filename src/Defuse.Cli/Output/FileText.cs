using Defuse.Devices;
using Defuse.Formats;
using Defuse.Inspection;

namespace Defuse.Cli.Output;

/// <summary>A firmware file, for people: what it is and whether it fits first, then what the file says.</summary>
internal static class FileText
{
    private const int Column = 11;
    private const int MostRanges = 4;
    private const int MostParts = 8;

    public static IEnumerable<string> Of(FileFacts facts)
    {
        var file = facts.File;
        var inside = file.Container is { } container ? $" inside {Named(container)}" : "";
        yield return $"{facts.Opened.Name}: {FormatTable.Of(file.Format).Title}{inside}, {Texts.Bytes(facts.Opened.Size)}";
        if (facts.Target is { } target)
        {
            yield return Field("on", $"{Whose(target)}: {Verdict(facts, target)}");
            foreach (var reason in facts.Refusals.Concat(facts.Warnings))
            {
                yield return Field("", reason);
            }
        }

        foreach (var line in ImageInspectionText.Render(facts.Inspection).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            yield return "  " + line;
        }

        foreach (var line in Suffix(file).Concat(Targets(file)).Concat(Elf(file)).Concat(Uf2(file)))
        {
            yield return line;
        }

        if (file.Header is { } header)
        {
            yield return Field("header", $"\"{header}\"");
        }

        if (file.EntryPoint is { } entry)
        {
            yield return Field("entry", Texts.Address(entry));
        }
    }

    private static string Verdict(FileFacts facts, TargetDescription target)
    {
        if (!facts.Refusals.IsEmpty)
        {
            return "it does not fit, and flashing REFUSES it";
        }

        if (facts.Inspection.Sectors?.Bootloader is { } bootloader)
        {
            return $"it fits, and OVERWRITES {bootloader.What}";
        }

        return target.VendorId is null && !target.Candidates.IsEmpty && target.Candidates.All(x => x.Chip.UsbDfu.Presence == UsbDfuPresence.No)
            ? "it fits; but this chip's ROM has no USB DFU, so that it cannot be flashed over USB"
            : "it fits";
    }

    private static string Whose(TargetDescription target) =>
        target.VendorId is not null ? Texts.Device(target)
        : target.ChipName.Contains(target.Name, StringComparison.Ordinal) ? target.ChipName
        : $"{target.Name}, {target.ChipName}";

    private static string Named(FirmwareContainer container)
    {
        var kind = container.Kind == ArchiveKind.Zip ? "a zip archive" : "a gzip archive";
        return container.MemberName is null ? kind : $"{kind} ({container.MemberName})";
    }

    private static IEnumerable<string> Suffix(FirmwareFile file)
    {
        if (file.Suffix is not { } suffix)
        {
            yield break;
        }

        var release = suffix.DeviceRelease == 0xFFFF ? "any release" : $"release {suffix.DeviceRelease:x4}";
        yield return Field("usb", $"made for device {suffix.VendorId:x4}:{suffix.ProductId:x4}, {release}; DFU {suffix.DfuVersion >> 8:x}.{suffix.DfuVersion & 0xFF:x2}");
        yield return Field("crc", suffix.CrcIsValid ? $"{suffix.StoredCrc:x8}, right" : $"{suffix.StoredCrc:x8}, WRONG: the file's bytes give {suffix.ComputedCrc:x8}");
    }

    private static IEnumerable<string> Targets(FirmwareFile file)
    {
        foreach (var target in file.Targets)
        {
            var name = target.Name is null ? "" : $" \"{target.Name}\"";
            var more = target.Elements.Length > MostRanges ? $" and {target.Elements.Length - MostRanges} more" : "";
            yield return Field($"target {target.AlternateSetting}", $"{Texts.Count(target.Elements.Length, "element")}{name}: {string.Join(", ", target.Elements.Take(MostRanges))}{more}");
        }
    }

    private static IEnumerable<string> Elf(FirmwareFile file)
    {
        if (file.Elf is not { } elf)
        {
            yield break;
        }

        string?[] parts =
        [
            elf.Architecture is null ? null : $"for {elf.Architecture}{(elf.IsHardFloat ? " with FPU" : "")}",
            elf.Toolchain is null ? null : $"by {elf.Toolchain}",
            elf.HasDebugInfo ? "with debug information" : null,
        ];
        if (parts.Any(x => x is not null))
        {
            yield return Field("built", string.Join(", ", parts.Where(x => x is not null)));
        }

        if (elf.BuildId is { } id)
        {
            yield return Field("build id", id);
        }
    }

    private static IEnumerable<string> Uf2(FirmwareFile file)
    {
        if (file.Uf2 is not { } uf2)
        {
            yield break;
        }

        foreach (var part in uf2.Parts.Take(MostParts))
        {
            var family = part.Family is not { } id ? "no family" : Uf2Families.Find(id) is { } known ? $"{known.Name}, {known.Maker}" : $"family 0x{id:X8}, which is not known";
            yield return Field("family", $"{family}: {Texts.Bytes(part.Bytes)}");
        }

        if (uf2.Parts.Length > MostParts)
        {
            yield return Field("", $"and {uf2.Parts.Length - MostParts} more");
        }

        string?[] says = [uf2.Description, uf2.Version];
        if (says.Any(x => x is not null))
        {
            yield return Field("says", string.Join(' ', says.Where(x => x is not null)));
        }
    }

    private static string Field(string name, string value) => $"  {name.PadRight(Column)}{value}";
}
