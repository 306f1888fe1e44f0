using Defuse.Devices;

namespace Defuse.Cli.Json;

/// <summary>A device that was opened.</summary>
internal sealed record JsonDevice(
    string Address, string Name, string Chip, JsonCandidate[] Candidates, string? UsbId, string? SerialNumber, JsonMemory[] Memory, JsonProtection Protection)
{
    public static JsonDevice Of(TargetDescription target) => new(
        target.Address,
        target.Name,
        target.ChipName,
        [.. target.Candidates.Select(x => new JsonCandidate(x.Chip.Name, [.. x.Evidence]))],
        target is { VendorId: { } vendor, ProductId: { } product } ? $"{vendor:x4}:{product:x4}" : null,
        target.SerialNumber,
        [.. target.Memory.Regions.SelectMany(region => region.Runs.Select(run => new JsonMemory(region.Name, JsonRange.Of(run.Range), run.Count)))],
        JsonProtection.Of(target.Protection));
}
