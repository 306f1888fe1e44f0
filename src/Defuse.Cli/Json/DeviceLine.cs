using Defuse.Cli.Output;

namespace Defuse.Cli.Json;

/// <summary>A device and what it holds.</summary>
internal sealed record DeviceLine(JsonDevice Device, bool WasRead, JsonRange[] UsedSectors, JsonInspection? Inspection, JsonFlashSize? FlashSize) : JsonLine("device")
{
    public static DeviceLine Of(DeviceFacts facts) => new(
        JsonDevice.Of(facts.Target),
        facts.WasRead,
        JsonRange.Of(facts.Used.Select(x => x.Range)),
        facts.Inspection is { } inspection ? JsonInspection.Of(inspection) : null,
        facts.FlashSize is { } size ? new JsonFlashSize(size.Bytes, size.Evidence, size.IsGuess) : null);
}
