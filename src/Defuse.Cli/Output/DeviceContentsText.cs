using Defuse.Inspection;

namespace Defuse.Cli.Output;

/// <summary>A device and what it holds, for people.</summary>
internal static class DeviceContentsText
{
    private const int Column = 11;

    public static IEnumerable<string> Of(DeviceFacts facts)
    {
        var target = facts.Target;
        yield return $"{target.Address}: {target.Name}";
        yield return Field("chip", target.ChipName);
        if (target is { VendorId: { } vendor, ProductId: { } product })
        {
            yield return Field("usb", $"{vendor:x4}:{product:x4}{(target.SerialNumber is { } serial ? $", serial number {serial}" : "")}");
        }

        foreach (var region in target.Memory.Regions)
        {
            yield return Field("memory", $"{region.Name} from {Texts.Address(region.Start)}: {ChipText.Sectors(region.Runs)}");
        }

        foreach (var slot in target.Slots)
        {
            yield return Field($"slot {slot.AlternateSetting}", slot.Name.Length == 0 ? "takes a whole image" : $"takes a whole image: {slot.Name}");
        }

        if (facts.FlashSize is { } size)
        {
            yield return Field("flash", $"{Texts.Size(size.Bytes)}{(size.IsGuess ? ", a guess" : "")}: {size.Evidence}");
        }

        foreach (var line in ProtectionText.Of(target.Protection, target.Memory))
        {
            yield return Field("protected", line);
        }

        if (!facts.WasRead)
        {
            yield return Field("what", target.Slots.IsEmpty ? "not known: it could not be read" : "not known: such devices cannot be read");
            yield break;
        }

        yield return Field("used", facts.Used.IsEmpty
            ? $"nothing: all {facts.SectorCount} sectors are blank"
            : $"{facts.Used.Length} of {Texts.Count(facts.SectorCount, "sector")}; the others are blank");
        if (facts.Inspection is { } inspection)
        {
            foreach (var line in ImageInspectionText.Render(inspection).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            {
                yield return "  " + line;
            }
        }
    }

    private static string Field(string name, string value) => $"  {name.PadRight(Column)}{value}";
}
