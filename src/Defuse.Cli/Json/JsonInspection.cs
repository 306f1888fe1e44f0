using System.Globalization;
using Defuse.Cli.Output;
using Defuse.Inspection;

namespace Defuse.Cli.Json;

/// <summary>What was found in an image.</summary>
internal sealed record JsonInspection
{
    /// <summary>All that it says it is, the most specific first.</summary>
    public required JsonFirmware[] Identities { get; init; }

    /// <summary>Whether addresses below mean something.</summary>
    public required bool HasAddresses { get; init; }

    /// <summary>Where bytes without an address clearly belong.</summary>
    public string? PlacedAt { get; init; }

    /// <summary>Flash below the program, which a bootloader has to fill.</summary>
    public JsonRange? Below { get; init; }

    /// <summary>From the first byte that is not erased to the last.</summary>
    public JsonRange? Used { get; init; }

    /// <summary>Bits a byte, 0 to 8.</summary>
    public required double Entropy { get; init; }

    public required JsonRange[] Gaps { get; init; }

    public required JsonRange[] Blanks { get; init; }

    public required JsonRange[] Packed { get; init; }

    public required string[] FileSystems { get; init; }

    public required JsonChipFit[] Chips { get; init; }

    /// <summary>The sectors that it touches, of the board or chip that was named.</summary>
    public JsonSectorUse[]? Sectors { get; init; }

    /// <summary>Sectors between them that stay as they are.</summary>
    public JsonRange[]? Kept { get; init; }

    /// <summary>What the board holds in its place.</summary>
    public string? Replaces { get; init; }

    public JsonLoss[]? Losses { get; init; }

    public JsonLoss? Bootloader { get; init; }

    public static JsonInspection Of(ImageInspection inspection)
    {
        var content = inspection.Content;
        var sectors = inspection.Sectors;
        return new JsonInspection
        {
            Identities = [.. inspection.Identities.Select(JsonFirmware.Of)],
            HasAddresses = inspection.HasAddresses,
            PlacedAt = inspection.Start.PlacedAt is { } placed ? Texts.Address(placed) : null,
            Below = inspection.Start.Below is { } below ? JsonRange.Of(below) : null,
            Used = content.Used is { } used ? JsonRange.Of(used) : null,
            Entropy = Math.Round(content.Entropy, 2),
            Gaps = JsonRange.Of(content.Gaps),
            Blanks = [.. content.Blanks.Select(x => JsonRange.Of(x.Range, string.Create(CultureInfo.InvariantCulture, $"0x{x.Value:X2}")))],
            Packed = JsonRange.Of(content.Packed),
            FileSystems = [.. content.FileSystems.Select(x => $"{x.Name} at {Texts.Address(x.Address)}")],
            Chips = [.. inspection.Chips.Select(Of)],
            Sectors = sectors is null ? null : [.. sectors.Touched.Select(x => new JsonSectorUse(x.Sector.Number, Texts.Address(x.Sector.Range.Start), x.Sector.Range.Length, x.ImageBytes))],
            Kept = sectors is null ? null : JsonRange.Of(sectors.Kept),
            Replaces = sectors?.Replaced?.ToString(),
            Losses = sectors is null ? null : [.. sectors.Losses.Select(Of)],
            Bootloader = sectors?.Bootloader is { } bootloader ? Of(bootloader) : null,
        };
    }

    private static JsonChipFit Of(ChipFit fit) => new(
        fit.Chip.Name, ChipText.Id(fit.Chip), fit.Layout.Name, fit.FlashSize, fit.Fits, [.. fit.Misfits.Select(x => x.Reason)]);

    private static JsonLoss Of(SectorLoss loss) => new(Texts.Address(loss.Range.Start), loss.Range.Length, loss.What);
}
