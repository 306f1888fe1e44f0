using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Planning;

/// <summary>What of an image a device can take, and what a person should know about the rest.</summary>
internal sealed record ImageFit(FirmwareImage Image, ImmutableArray<string> Warnings)
{
    public static ImageFit Check(FirmwareImage image, TargetDescription target, FlashOptions options)
    {
        var refusals = new List<Refusal>();
        var warnings = ImmutableArray.CreateBuilder<string>();
        warnings.AddRange(target.Remarks);
        if (image.IsEmpty)
        {
            throw new PlanRefusedException([new Refusal(RefusalKind.Image, "the file holds no bytes to flash", null, "check that the download or the build is complete")]);
        }

        if (KeptMemory.Outside(options.Keep, target.Memory) is { } nowhere)
        {
            throw new PlanRefusedException([nowhere]);
        }

        var own = KeptMemory.Without(image, options.Keep);
        if (own.ByteCount < image.ByteCount)
        {
            warnings.Add($"{image.ByteCount - own.ByteCount} bytes of the file lie in what is kept: left out");
        }

        if (own.IsEmpty)
        {
            throw new PlanRefusedException([new Refusal(RefusalKind.Image, "all of the file lies in what is to be kept", image.Segments[0].Range, "keep less")]);
        }

        var fitting = WithinMemory(own, target.Memory, options.Allow, out var outside);
        if (outside.Count > 0)
        {
            var what = Describe(outside, target.Memory);
            if (!options.Allow.HasFlag(FlashAllowances.Outside))
            {
                refusals.Add(new Refusal(
                    RefusalKind.Outside,
                    what,
                    outside[0],
                    outside.TrueForAll(x => target.Memory.KindAt(x.Start) == MemoryKind.Otp)
                        ? "leave those bytes out with --allow outside, or write them, never to be changed again, with --allow otp-for-good"
                        : "check that the file is for this board and this connection, or leave those bytes out with --allow outside"));
            }
            else if (fitting.IsEmpty)
            {
                refusals.Add(new Refusal(RefusalKind.Outside, $"{what}, and there are no others", outside[0], "check that the file is for this board"));
            }
            else
            {
                warnings.Add($"{what}: left out");
            }
        }

        if (ProtectionCheck.ReadOut(target) is { } closed)
        {
            Add(closed, options, refusals, warnings);
        }

        CheckProtection(fitting, target.Memory, options, refusals, warnings);
        CheckChip(image, target, options, refusals, warnings);
        if (refusals.Count > 0)
        {
            throw new PlanRefusedException(refusals);
        }

        if (!target.IsReadable)
        {
            warnings.Add("the device does not let its memory be read: nothing can be compared or verified");
        }

        CheckVectorTable(fitting, target, warnings);
        return new ImageFit(fitting, warnings.ToImmutable());
    }

    /// <summary>The same for a mere comparison: nothing that stands only against writing stands against it.</summary>
    public static ImageFit CheckComparison(FirmwareImage image, TargetDescription target, FlashOptions options)
    {
        var warnings = ImmutableArray.CreateBuilder<string>();
        warnings.AddRange(target.Remarks);
        if (image.IsEmpty)
        {
            throw new PlanRefusedException([new Refusal(RefusalKind.Image, "the file holds no bytes to compare", null, "check that the download or the build is complete")]);
        }

        if (ProtectionCheck.Reading(target) is { } closed)
        {
            throw new PlanRefusedException([closed]);
        }

        var builder = new FirmwareImageBuilder();
        var outside = new List<AddressRange>();
        foreach (var segment in image.Segments)
        {
            outside.AddRange(target.Memory.Outside(segment.Range));
            foreach (var part in target.Memory.SectorsIn(segment.Range).Select(x => segment.Range.Intersect(x.Range)!.Value))
            {
                if (target.Memory.KindAt(part.Start) is MemoryKind.Flash or MemoryKind.DataEeprom or MemoryKind.Otp)
                {
                    builder.Add(part.Start, segment.Data.Span.Slice((int)(part.Start - segment.Range.Start), (int)part.Length));
                }
                else
                {
                    outside.Add(part);
                }
            }
        }

        var fitting = outside.Count == 0 ? image : builder.Build();
        if (outside.Count > 0)
        {
            outside.Sort();
            var what = Describe(outside, target.Memory, isComparison: true);
            if (fitting.IsEmpty || !options.Allow.HasFlag(FlashAllowances.Outside))
            {
                throw new PlanRefusedException([fitting.IsEmpty
                    ? new Refusal(RefusalKind.Outside, $"{what}, and there are no others", outside[0], "check that the file is for this board")
                    : new Refusal(RefusalKind.Outside, what, outside[0], "check that the file is for this board and this connection, or leave those bytes out with --allow outside")]);
            }

            warnings.Add($"{what}: left out");
        }

        CheckChip(image, target, options with { Allow = options.Allow | FlashAllowances.Chip }, [], warnings);
        return new ImageFit(fitting, warnings.ToImmutable());
    }

    /// <summary>Refuses on account of protection, or warns where that is allowed.</summary>
    public static void Add(Refusal refusal, FlashOptions options, List<Refusal> refusals, ICollection<string> warnings)
    {
        if (options.Allow.HasFlag(FlashAllowances.Protected))
        {
            warnings.Add($"{refusal.Reason}: tried all the same");
        }
        else
        {
            refusals.Add(refusal);
        }
    }

    private static FirmwareImage WithinMemory(FirmwareImage image, MemoryMap memory, FlashAllowances allow, out List<AddressRange> outside)
    {
        outside = [];
        var builder = new FirmwareImageBuilder();
        foreach (var segment in image.Segments)
        {
            outside.AddRange(memory.Outside(segment.Range));
            foreach (var sector in memory.SectorsIn(segment.Range))
            {
                var part = segment.Range.Intersect(sector.Range)!.Value;
                if (memory.KindAt(part.Start) is MemoryKind.Flash or MemoryKind.DataEeprom
                    || (memory.KindAt(part.Start) == MemoryKind.Otp && allow.HasFlag(FlashAllowances.OtpForGood)))
                {
                    builder.Add(part.Start, segment.Data.Span.Slice((int)(part.Start - segment.Range.Start), (int)part.Length));
                }
                else
                {
                    outside.Add(part);
                }
            }
        }

        outside.Sort();
        return outside.Count == 0 ? image : builder.Build();
    }

    private static string Describe(List<AddressRange> outside, MemoryMap memory, bool isComparison = false)
    {
        var bytes = outside.Sum(x => x.Length);
        var where = memory.FindRegion(outside[0].Start) is { } region
            ? $"in {region.Name}, which {(isComparison ? "is neither flash, EEPROM nor one-time programmable memory" : region.Kind == MemoryKind.Otp ? "is written once and for good" : region.Kind == MemoryKind.OptionBytes ? "is never written: wrong option bytes close a chip for good" : "is not flash and is not written by this version")}"
            : memory.Flash is { } flash ? $"outside the flash of this device ({flash.ByteCount / 1024} KB from 0x{flash.Start:X8})" : "outside all memory of this device";
        var more = outside.Count > 1 ? $" and {outside.Count - 1} more range{(outside.Count > 2 ? "s" : "")}" : "";
        return $"{bytes} bytes at {outside[0]}{more} lie {where}";
    }

    private static void CheckProtection(
        FirmwareImage image, MemoryMap memory, FlashOptions options, List<Refusal> refusals, ImmutableArray<string>.Builder warnings)
    {
        const SectorAccess Flash = SectorAccess.Erasable | SectorAccess.Writable;
        var locked = image.Segments.SelectMany(x => memory.SectorsIn(x.Range))
            .Where(x => (memory.IsFlash(x) ? Flash : SectorAccess.Writable) is var needed && (x.Access & needed) != needed)
            .ToList();
        if (locked.Count == 0)
        {
            return;
        }

        Add(
            new Refusal(
                RefusalKind.Protected,
                $"{locked[0]} cannot be written, the device says",
                locked[0].Range,
                "take a file that leaves it alone, or try all the same with --allow protected"),
            options,
            refusals,
            warnings);
    }

    internal static void CheckChip(
        FirmwareImage image, TargetDescription target, FlashOptions options, List<Refusal> refusals, ImmutableArray<string>.Builder warnings)
    {
        var reasons = new List<string>();
        if (options.MadeFor?.Usb is { } usb && target is { VendorId: { } vendor, ProductId: { } product } && !usb.Matches(vendor, product))
        {
            reasons.Add($"the file says it is for USB device {usb.VendorId:X4}:{usb.ProductId:X4}, and this one is {vendor:X4}:{product:X4}");
        }

        var chips = target.Candidates.Select(x => x.Chip).ToList();
        reasons.AddRange(options.MadeFor?.Against(chips).Select(x => $"{x}, and this device is {target.ChipName}") ?? []);
        if (chips.Count > 0
            && FirmwareIdentity.FindAll(image).FirstOrDefault(x => x.Mcu is not null) is { Mcu: { } mcu } identity && identity.IsNotFor(chips))
        {
            reasons.Add($"the file holds {identity.Name} for {(identity.Board is { } board ? $"{board} with {mcu}" : mcu)}, and this device is {target.ChipName}");
        }

        foreach (var reason in reasons)
        {
            if (options.Allow.HasFlag(FlashAllowances.Chip))
            {
                warnings.Add($"{reason}: taken all the same");
            }
            else
            {
                refusals.Add(new Refusal(RefusalKind.Chip, reason, null, "take the file for this board, or flash it all the same with --allow chip"));
            }
        }
    }

    private static void CheckVectorTable(FirmwareImage image, TargetDescription target, ImmutableArray<string>.Builder warnings)
    {
        if (image.Segments is [var only] && BaseAddressSearch.Decide(BaseAddressSearch.Find(only.Data.Span)) is { } linked && linked != only.Range.Start)
        {
            warnings.Add($"its code was linked for 0x{linked:X8}, and would lie at 0x{only.Range.Start:X8}: it will probably not start");
        }

        if (target.Memory.Flash is not { } flash || Table(image, flash) is not { } table)
        {
            return;
        }

        // RAM that no other STM32 has is this chip's all the same; RAM that only others have speaks for another chip.
        var anywhere = table.Check(image);
        var findings = table.Check(image, [.. target.Candidates.SelectMany(x => x.Ram)]);
        if (findings.Length > anywhere.Length)
        {
            findings = anywhere;
            warnings.Add($"the stack pointer 0x{table.InitialStackPointer:X8} lies outside this chip's RAM: the file is probably for another chip");
        }

        if (!findings.IsEmpty)
        {
            var more = findings.Length > 1 ? $", and {findings.Length - 1} more" : "";
            warnings.Add($"the vector table at 0x{table.Address:X8} looks wrong: {findings[0]}{more}");
        }
    }

    // An image that leaves the start of flash to a bootloader brings its own table, where one of its segments begins.
    private static VectorTable? Table(FirmwareImage image, MemoryRegion flash) =>
        VectorTable.TryRead(image, flash.Start)
        ?? image.Segments.Select(x => VectorTable.TryRead(image, x.Range.Start)).FirstOrDefault(x => x is not null && x.Check(image).IsEmpty);
}
