using Defuse.Cli.Output;
using Defuse.Formats;
using Defuse.Inspection;

namespace Defuse.Cli.Json;

/// <summary>A firmware file.</summary>
internal sealed record FileLine() : JsonLine("file")
{
    public required string File { get; init; }

    public required long Size { get; init; }

    public required string Format { get; init; }

    public required bool NeedsAddress { get; init; }

    public required long ImageBytes { get; init; }

    /// <summary>Where bytes belong; empty for a file that does not say.</summary>
    public required JsonRange[] Segments { get; init; }

    public JsonSuffix? Suffix { get; init; }

    public JsonTarget[]? Targets { get; init; }

    public string? EntryPoint { get; init; }

    public JsonVectorTable? VectorTable { get; init; }

    public JsonFirmware? Firmware { get; init; }

    public static FileLine Of(FileFacts facts)
    {
        var file = facts.File;
        return new FileLine
        {
            File = facts.Path,
            Size = facts.Size,
            Format = facts.Format,
            NeedsAddress = file.NeedsAddress,
            ImageBytes = file.Image.ByteCount,
            Segments = file.NeedsAddress ? [] : JsonRange.Of(file.Image.Segments.Select(x => x.Range)),
            Suffix = file.Suffix is { } suffix ? Of(suffix) : null,
            Targets = file.Targets.IsEmpty ? null : [.. file.Targets.Select(x => new JsonTarget(x.AlternateSetting, x.Name, JsonRange.Of(x.Elements)))],
            EntryPoint = file.EntryPoint is { } entry ? Texts.Address(entry) : null,
            VectorTable = facts.VectorTable is { } table
                ? new JsonVectorTable(Texts.Address(table.Address), Texts.Address(table.InitialStackPointer), Texts.Address(table.Reset), [.. facts.VectorTableFindings])
                : null,
            Firmware = facts.Identity is { } identity ? Of(identity) : null,
        };
    }

    private static JsonSuffix Of(DfuSuffix suffix) => new(
        $"{suffix.VendorId:x4}",
        $"{suffix.ProductId:x4}",
        $"{suffix.DeviceRelease:x4}",
        $"{suffix.DfuVersion:x4}",
        $"{suffix.StoredCrc:x8}",
        suffix.CrcIsValid);

    private static JsonFirmware Of(FirmwareIdentity identity) => new(
        identity.Name, identity.Version, identity.Date is { } date ? $"{date:yyyy-MM-dd}" : null, identity.Board, identity.Mcu);
}
