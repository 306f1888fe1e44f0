using System.Globalization;
using Defuse.Cli.Output;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Cli.Json;

/// <summary>A chip that is known.</summary>
internal sealed record ChipLine() : JsonLine("chip")
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    /// <summary>The one part that was asked for.</summary>
    public string? Part { get; init; }

    public required string Family { get; init; }

    public required string Cpu { get; init; }

    public required JsonPart[] Parts { get; init; }

    public required JsonLayout[] Layouts { get; init; }

    public required JsonMemoryPiece[] Ram { get; init; }

    public required int WriteUnit { get; init; }

    public required int ErasedByte { get; init; }

    /// <summary>yes, no or unknown.</summary>
    public required string UsbDfu { get; init; }

    public required string UsbDfuEvidence { get; init; }

    public required string[] DeviceReleases { get; init; }

    public JsonMemoryPiece? SystemMemory { get; init; }

    public JsonMemoryPiece? OptionBytes { get; init; }

    public string? OptionRegister { get; init; }

    public string? UniqueId { get; init; }

    public string? FlashSizeRegister { get; init; }

    public string? IdCodeRegister { get; init; }

    public JsonMemoryPiece? Otp { get; init; }

    public JsonMemoryPiece? DataEeprom { get; init; }

    public required Dictionary<string, string> Sources { get; init; }

    public static ChipLine Of(ChipMatch match)
    {
        var chip = match.Chip;
        return new ChipLine
        {
            Id = ChipText.Id(chip),
            Name = chip.Name,
            Part = match.Part?.Name,
            Family = chip.Family,
            Cpu = chip.Cpu,
            Parts = [.. chip.Parts.Select(x => new JsonPart(x.Name, x.FlashBytes, x.RamBytes))],
            Layouts = [.. chip.Layouts.Select(x => new JsonLayout(x.Name, x.ByteCount, x.DualBank, [.. x.Runs.Select(Of)]))],
            Ram = [.. chip.RamRegions.Select(x => Of(x.Range) with { Name = x.Name })],
            WriteUnit = chip.WriteUnit,
            ErasedByte = chip.ErasedByte,
            UsbDfu = chip.UsbDfu.Presence.ToString().ToLower(CultureInfo.InvariantCulture),
            UsbDfuEvidence = chip.UsbDfu.Evidence,
            DeviceReleases = [.. chip.DeviceReleases.Select(x => $"{x:x4}")],
            SystemMemory = Of(chip.SystemMemory),
            OptionBytes = Of(chip.OptionBytes),
            OptionRegister = Of(chip.OptionRegister),
            UniqueId = Of(chip.UniqueId),
            FlashSizeRegister = Of(chip.FlashSizeRegister),
            IdCodeRegister = Of(chip.IdCodeRegister),
            Otp = Of(chip.Otp),
            DataEeprom = Of(chip.DataEeprom),
            Sources = chip.Sources.ToDictionary(x => x.Figure, x => x.Source, StringComparer.Ordinal),
        };
    }

    private static JsonSectorRun Of(SectorRun run) => new(Texts.Address(run.Range.Start), run.Count, run.SectorSize);

    private static JsonMemoryPiece? Of(AddressRange? range) => range is { } known ? Of(known) : null;

    private static JsonMemoryPiece Of(AddressRange range) => new(null, Texts.Address(range.Start), range.Length);

    private static string? Of(uint? address) => address is { } known ? Texts.Address(known) : null;
}
