using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Planning;

/// <summary>An image as a device takes it that has no addresses: one piece, for one of its slots.</summary>
internal sealed record WholeImage(FirmwareImage Image, ImageSlot Slot, ImmutableArray<string> Warnings)
{
    // More padding than this means that the segments do not belong together: RAM or option bytes beside flash.
    private const long LargestGap = 1024 * 1024;

    // No device of this kind has more; an address that went wrong makes more.
    private const long LargestImage = 64 * 1024 * 1024;

    public static WholeImage Of(FirmwareImage image, TargetDescription target, FlashOptions options)
    {
        if (image.IsEmpty)
        {
            throw new PlanRefusedException([new Refusal(RefusalKind.Image, "the file holds no bytes to flash", null, "check that the download or the build is complete")]);
        }

        var refusals = new List<Refusal>();
        var warnings = ImmutableArray.CreateBuilder<string>();
        warnings.AddRange(target.Remarks);
        ImageFit.CheckChip(image, target, options, refusals, warnings);
        for (var i = 1; i < image.Segments.Length; i++)
        {
            var gap = image.Segments[i].Range.Start - image.Segments[i - 1].Range.End;
            if (gap > LargestGap)
            {
                refusals.Add(new Refusal(
                    RefusalKind.Outside,
                    $"this device takes one whole image, and {gap} bytes lie between the file's parts before {image.Segments[i].Range}",
                    image.Segments[i].Range,
                    "take out of the file what belongs to the program: defuse convert --range"));
                break;
            }
        }

        var range = AddressRange.FromBounds(image.Segments[0].Range.Start, image.Segments[^1].Range.End);
        if (range.Length > LargestImage)
        {
            refusals.Add(new Refusal(
                RefusalKind.Outside,
                $"this device takes one whole image, and the file's parts span {range.Length} bytes",
                range,
                "take out of the file what belongs to the program: defuse convert --range"));
        }

        if (refusals.Count > 0)
        {
            throw new PlanRefusedException(refusals);
        }

        var slot = Choose(image, target, options);
        if (slot.Address is { } place && LinkedAt(image) is { } linked && linked != place)
        {
            warnings.Add($"the image was linked for 0x{linked:X8}, and this device puts it at 0x{place:X8}: it will probably not start");
        }

        warnings.Add("this device takes an image as a whole and gives nothing back: it cannot be compared or verified");
        return new WholeImage(image.Fill(range, target.ErasedByte), slot, warnings.ToImmutable());
    }

    private static ImageSlot Choose(FirmwareImage image, TargetDescription target, FlashOptions options)
    {
        if (options.AlternateSetting is { } number)
        {
            return target.Slots.FirstOrDefault(x => x.AlternateSetting == number)
                ?? throw Refused($"the device has no alternate setting {number}", target);
        }

        if (target.Slots is [var only])
        {
            return only;
        }

        var linked = LinkedAt(image);
        return target.Slots.FirstOrDefault(x => x.Address is { } address && address == linked)
            ?? throw Refused(
                linked is { } elsewhere
                    ? $"the image was linked for 0x{elsewhere:X8}, where none of the device's {target.Slots.Length} alternate settings puts it"
                    : $"the device has {target.Slots.Length} alternate settings, and nothing in the file says which it is for",
                target);
    }

    // What an image was linked for tells where it belongs: by its addresses, or, of raw bytes, by its pointers.
    private static uint? LinkedAt(FirmwareImage image)
    {
        var start = image.Segments[0].Range.Start;
        return start != 0 ? start : BaseAddressSearch.Decide(BaseAddressSearch.Find(image.Segments[0].Data.Span));
    }

    private static PlanRefusedException Refused(string what, TargetDescription target) => new(
        [new Refusal(
            RefusalKind.Memory,
            what,
            null,
            $"name one: {string.Join(", or ", target.Slots.Select(x => $"--alt {x.AlternateSetting}{(x.Name.Length == 0 ? "" : $" ({x.Name})")}"))}")]);
}
