using System.Globalization;
using Defuse.Cli.Output;
using Defuse.Planning;

namespace Defuse.Cli.Json;

/// <summary>What will be done. It comes again when every sector is decided.</summary>
internal sealed record PlanLine() : JsonLine("plan")
{
    public required JsonDevice Device { get; init; }

    public required long ImageBytes { get; init; }

    public required JsonSector[] Sectors { get; init; }

    public required bool EraseChip { get; init; }

    public required JsonRange[] Compares { get; init; }

    public required JsonRange[] Erases { get; init; }

    public JsonRange[]? Backups { get; init; }

    public JsonRange[]? Keeps { get; init; }

    public required JsonRange[] Writes { get; init; }

    public required JsonRange[] Verifies { get; init; }

    public string? Start { get; init; }

    public required string[] Warnings { get; init; }

    public static PlanLine Of(FlashPlan plan) => new()
    {
        Device = JsonDevice.Of(plan.Target),
        ImageBytes = plan.Image.ByteCount,
        Sectors =
        [
            .. plan.Sectors.Select(x => new JsonSector(
                x.Sector.Number,
                Texts.Address(x.Sector.Range.Start),
                x.Sector.Range.Length,
                x.ImageBytes,
                x.Decision.ToString().ToLower(CultureInfo.InvariantCulture))),
        ],
        EraseChip = plan.EraseChip,
        Compares = JsonRange.Of(plan.SurveyReads),
        Erases = JsonRange.Of(plan.Erases.Select(x => x.Range)),
        Backups = plan.Backups.IsEmpty ? null : JsonRange.Of(plan.Backups),
        Keeps = plan.Keeps.IsEmpty ? null : JsonRange.Of(plan.Keeps),
        Writes = JsonRange.Of(plan.Writes.Select(x => x.Range)),
        Verifies = JsonRange.Of(plan.VerifyReads),
        Start = plan.Start is { } start ? Texts.Address(start) : null,
        Warnings = [.. plan.Warnings],
    };
}
