using Defuse.Cli.Output;
using Defuse.Formats;

namespace Defuse.Cli.Json;

/// <summary>A firmware file.</summary>
internal sealed record FileLine() : JsonLine("file")
{
    public required string File { get; init; }

    public required long Size { get; init; }

    public required string Format { get; init; }

    /// <summary>The archive that it came out of.</summary>
    public JsonContainer? Container { get; init; }

    public required bool NeedsAddress { get; init; }

    public required long ImageBytes { get; init; }

    /// <summary>Where bytes belong; empty for a file that does not say.</summary>
    public required JsonRange[] Segments { get; init; }

    public JsonSuffix? Suffix { get; init; }

    public JsonTarget[]? Targets { get; init; }

    public string? Header { get; init; }

    public string? EntryPoint { get; init; }

    public string? BuildId { get; init; }

    public string? Toolchain { get; init; }

    public JsonUf2Part[]? Uf2 { get; init; }

    public JsonVectorTable? VectorTable { get; init; }

    /// <summary>The most specific that it says it is.</summary>
    public JsonFirmware? Firmware { get; init; }

    public required JsonInspection Inspection { get; init; }

    /// <summary>The board or chip that it was held against.</summary>
    public JsonVerdict? Verdict { get; init; }

    public static FileLine Of(FileFacts facts)
    {
        var file = facts.File;
        return new FileLine
        {
            File = facts.Opened.Path,
            Size = facts.Opened.Size,
            Format = facts.Format,
            Container = file.Container is { } container ? new JsonContainer(container.Kind == ArchiveKind.Zip ? "zip" : "gzip", container.MemberName, container.MemberSize) : null,
            NeedsAddress = file.NeedsAddress,
            ImageBytes = file.Image.ByteCount,
            Segments = file.NeedsAddress ? [] : JsonRange.Of(file.Image.Segments.Select(x => x.Range)),
            Suffix = file.Suffix is { } suffix ? Of(suffix) : null,
            Targets = file.Targets.IsEmpty ? null : [.. file.Targets.Select(x => new JsonTarget(x.AlternateSetting, x.Name, JsonRange.Of(x.Elements)))],
            Header = file.Header,
            EntryPoint = file.EntryPoint is { } entry ? Texts.Address(entry) : null,
            BuildId = file.Elf?.BuildId,
            Toolchain = file.Elf?.Toolchain,
            Uf2 = file.Uf2 is { } uf2 ? [.. uf2.Parts.Select(Of)] : null,
            VectorTable = facts.VectorTable is { } table
                ? new JsonVectorTable(Texts.Address(table.Address), Texts.Address(table.InitialStackPointer), Texts.Address(table.Reset), [.. facts.VectorTableFindings])
                : null,
            Firmware = facts.Inspection.Identities is [var identity, ..] ? JsonFirmware.Of(identity) : null,
            Inspection = JsonInspection.Of(facts.Inspection),
            Verdict = facts.Target is { } target
                ? new JsonVerdict(target.Name, target.ChipName, facts.Refusals.IsEmpty, [.. facts.Refusals], [.. facts.Warnings])
                : null,
        };
    }

    private static JsonSuffix Of(DfuSuffix suffix) => new(
        $"{suffix.VendorId:x4}",
        $"{suffix.ProductId:x4}",
        $"{suffix.DeviceRelease:x4}",
        $"{suffix.DfuVersion:x4}",
        $"{suffix.StoredCrc:x8}",
        suffix.CrcIsValid);

    private static JsonUf2Part Of(Uf2Part part) => new(
        part.Family is { } id ? $"0x{id:x8}" : null,
        part.Family is { } known ? Uf2Families.Find(known)?.Name : null,
        part.Blocks,
        part.Bytes);
}
