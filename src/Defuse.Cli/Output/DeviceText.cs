using Defuse.Devices;

namespace Defuse.Cli.Output;

/// <summary>What is known of a device, for people who want it all.</summary>
internal static class DeviceText
{
    public static IEnumerable<string> Of(TargetDescription target)
    {
        var usb = target is { VendorId: { } vendor, ProductId: { } product } ? $", USB {vendor:x4}:{product:x4}" : "";
        var serial = target.SerialNumber is { } number ? $", serial number {number}" : "";
        yield return $"Device {target.Address}: {target.Name}{usb}{serial}";
        foreach (var slot in target.Slots)
        {
            yield return $"  takes whole images: alternate setting {slot.AlternateSetting}{(slot.Name.Length == 0 ? "" : $", {slot.Name}")}";
        }

        if (target.Candidates.IsEmpty)
        {
            yield return "  chip: unknown";
        }

        foreach (var candidate in target.Candidates)
        {
            yield return $"  chip: {candidate.Chip.Name}, since {string.Join("; ", candidate.Evidence)}";
        }

        foreach (var region in target.Memory.Regions)
        {
            var sectors = string.Join(", ", region.Runs.Select(x => $"{x.Count} x {Texts.Size(x.SectorSize)}"));
            yield return $"  memory: {region.Name} from {Texts.Address(region.Start)}: {sectors}";
        }

        if (target.FlashSize is { } size)
        {
            yield return $"  flash: {Texts.Size(size.Bytes)}{(size.IsGuess ? ", a guess" : "")}: {size.Evidence}";
        }

        foreach (var line in ProtectionText.Of(target.Protection, target.Memory))
        {
            yield return $"  {line}";
        }

        yield return $"  blocks of {Texts.Bytes(target.BlockSize)}{(target.Slots.IsEmpty ? $", program units of {Texts.Bytes(target.WriteUnit)}" : "")}";
    }
}
