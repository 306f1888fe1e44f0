using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Planning;

/// <summary>Decides what is done to a device, with no I/O: the same input always gives the same plan.</summary>
public static class FlashPlanner
{
    /// <summary>Plans the flashing of an image.</summary>
    /// <param name="image">What memory is to hold.</param>
    /// <param name="target">The device.</param>
    /// <param name="options">How.</param>
    /// <param name="survey">What memory holds, if it was looked at; without it, every sector is to be compared or rewritten.</param>
    /// <exception cref="PlanRefusedException">The image is known not to fit.</exception>
    public static FlashPlan Plan(FirmwareImage image, TargetDescription target, FlashOptions options, MemorySurvey? survey = null) =>
        Plan(image, target, options, survey, null);

    /// <summary>The same, with the bytes of <see cref="FlashPlan.Keeps"/> once they were read.</summary>
    internal static FlashPlan Plan(FirmwareImage image, TargetDescription target, FlashOptions options, MemorySurvey? survey, FirmwareImage? kept)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        RefuseDoubt(target);
        var fit = ImageFit.Check(image, target, options);
        var undecided = options is { Compare: true, EraseChip: false } && target.IsReadable && survey is null;
        var steps = Steps(fit.Image, target.Memory, sector =>
            undecided ? SectorDecision.Compare
            : survey is null || (options.EraseChip && target.Memory.IsFlash(sector)) || survey.Differs(sector) ? SectorDecision.Rewrite
            : SectorDecision.Keep);
        var warnings = WithWriteProtection(fit.Warnings, steps, target, options);
        if (options.EraseChip && ErasableSectors.ReadOnly(target.Memory) is { } left)
        {
            warnings = warnings.Add($"{left}: not erased");
        }

        var otpBytes = steps.Where(x => x.Decision != SectorDecision.Keep && target.Memory.KindAt(x.Sector.Range.Start) == MemoryKind.Otp).Sum(x => x.ImageBytes);
        var forGood = otpBytes == 0 ? null : $"{otpBytes} bytes would be written to one-time programmable memory, for good: no bit of it ever goes back to 1";
        if (forGood is not null)
        {
            warnings = warnings.Add(forGood);
        }

        var vectors = VectorTableAddress(fit.Image, target);
        var changed = VectorTableFirst(steps.Where(x => x.Decision != SectorDecision.Keep).Select(x => x.Sector), vectors);
        ImmutableArray<Sector> flash = [.. changed.Where(target.Memory.IsFlash)];
        ImmutableArray<Sector> erased = options.EraseChip
            ? [.. flash.Concat(target.Memory.Flash!.Runs.Where(x => x.Access.HasFlag(SectorAccess.Erasable)).SelectMany(x => target.Memory.SectorsIn(x.Range))).DistinctBy(x => x.Range).OrderBy(x => x.Range)]
            : flash;
        var keeps = KeptMemory.In(erased, fit.Image, options);
        ImmutableArray<ImageSegment> eeprom = [.. WriteRuns.InPlace(fit.Image, changed, target, MemoryKind.DataEeprom)];
        ImmutableArray<ImageSegment> otp = [.. WriteRuns.InPlace(fit.Image, changed, target, MemoryKind.Otp)];
        var backups = options.Backup is null ? [] : AddressRange.Join(erased.Select(x => x.Range).Concat(eeprom.Select(x => x.Range)).Order());
        RefuseUnreadable(target, keeps, backups);
        if (options.Backup is not null && !otp.IsEmpty)
        {
            warnings = warnings.Add("no backup brings one-time programmable memory back: what it holds is not saved");
        }

        var whole = kept is null ? fit.Image : Joined(fit.Image, kept);
        ImmutableArray<ImageSegment> writes =
        [
            .. eeprom,
            .. WriteRuns.Of(whole, kept is null ? flash : VectorTableFirst(erased, vectors), vectors, target),
            .. otp,
        ];
        return new FlashPlan
        {
            Target = target,
            Image = whole,
            Sectors = steps,
            EraseChip = options.EraseChip,
            Erases = options.EraseChip ? [.. flash.Where(x => target.Memory.Flash?.FindSector(x.Range.Start) != x)] : flash,
            Backups = backups,
            Keeps = keeps,
            Writes = writes,
            SurveyReads = undecided ? ReadSweep.Of(fit.Image, target, []) : [],
            VerifyReads = options.Verify && target.IsReadable ? ReadSweep.Of(survey is null ? whole : ReadSweep.Unproven(whole, target, changed), target, [.. writes.Select(x => x.Range.Start)]) : [],
            Start = options.Start ? vectors : null,
            OtpWarning = forGood,
            Warnings = keeps.IsEmpty || options.Backup is not null
                ? warnings
                : warnings.Add("what is kept is in this computer's memory alone until it is written back: take a backup as well"),
        };
    }

    /// <summary>Plans sending an image as a whole, to a device that has no addresses.</summary>
    /// <param name="image">The image; what lies between its segments is sent as erased bytes.</param>
    /// <param name="target">The device.</param>
    /// <param name="options">The allowances, and the alternate setting.</param>
    /// <exception cref="PlanRefusedException">The image is known not to fit, or nothing says which alternate setting it is for.</exception>
    public static FlashPlan PlanSending(FirmwareImage image, TargetDescription target, FlashOptions options)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        var whole = WholeImage.Of(image, target, options);
        return new FlashPlan
        {
            Target = target,
            Image = whole.Image,
            Sectors = [],
            Slot = whole.Slot,
            Writes = [.. whole.Image.Segments],
            Warnings = whole.Warnings,
        };
    }

    /// <summary>Plans a comparison of memory with an image; nothing is changed.</summary>
    /// <param name="image">What memory should hold.</param>
    /// <param name="target">The device.</param>
    /// <param name="options">Only the allowances matter.</param>
    /// <exception cref="PlanRefusedException">The image is known not to fit.</exception>
    public static FlashPlan PlanVerification(FirmwareImage image, TargetDescription target, FlashOptions options)
    {
        ArgumentNullException.ThrowIfNull(image);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        if (!target.IsReadable)
        {
            throw new PlanRefusedException([new Refusal(RefusalKind.Protected, "the device does not let its memory be read", null, "nothing can be compared on this device")]);
        }

        var fit = ImageFit.CheckComparison(image, target, options);
        return new FlashPlan
        {
            Target = target,
            Image = fit.Image,
            Sectors = Steps(fit.Image, target.Memory, _ => SectorDecision.Keep),
            VerifyReads = ReadSweep.Of(fit.Image, target, []),
            Warnings = fit.Warnings,
        };
    }

    /// <summary>Plans the erasing of sectors, or of all the main flash.</summary>
    /// <param name="range">Every sector that it touches is erased; null for the whole main flash at once.</param>
    /// <param name="target">The device.</param>
    /// <param name="options">Only the allowances, and whether to verify, matter.</param>
    /// <exception cref="PlanRefusedException">There is no flash there, or it is protected.</exception>
    public static FlashPlan PlanErase(AddressRange? range, TargetDescription target, FlashOptions options)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(options);
        RefuseDoubt(target);
        return Erase(range, target, options);
    }

    /// <summary>Plans the removal of read-out protection, which erases all of the main flash.</summary>
    /// <param name="target">The device.</param>
    /// <exception cref="PlanRefusedException">It is closed for good, is not protected, or names no flash.</exception>
    public static FlashPlan PlanUnprotection(TargetDescription target)
    {
        ArgumentNullException.ThrowIfNull(target);
        if (target.Protection.ReadOut == ReadOutProtection.Permanent)
        {
            throw new PlanRefusedException([ProtectionCheck.ReadOut(target)!]);
        }

        if (target.Protection.ReadOut == ReadOutProtection.None)
        {
            throw new PlanRefusedException([new Refusal(RefusalKind.Protected, "the chip is not read-out protected", null, "there is nothing to remove")]);
        }

        return Blank(target);
    }

    /// <summary>Plans the proof that all of the main flash is blank, after its protection was removed. Which sectors it has is no matter then.</summary>
    internal static FlashPlan Blank(TargetDescription target) =>
        Erase(null, target, FlashOptions.Default with { Allow = FlashAllowances.Protected }) with
        {
            Unprotect = true,
            Warnings = ErasableSectors.ReadOnly(target.Memory) is { } kept ? [$"{kept}: not read back"] : [],
        };

    private static FlashPlan Erase(AddressRange? range, TargetDescription target, FlashOptions options)
    {
        var sectors = ErasableSectors.Of(range, target, options, out var warnings);
        return new FlashPlan
        {
            Target = target,
            Image = FirmwareImage.Empty,
            Sectors = [.. sectors.Select(x => new SectorStep(x, 0, SectorDecision.Rewrite))],
            EraseChip = range is null,
            Erases = range is null ? [] : sectors,
            Backups = Backups(sectors, target, options),
            VerifyBlank = true,
            VerifyReads = options.Verify && target.IsReadable ? AddressRange.Join(sectors.Select(x => x.Range)) : [],
            Warnings = warnings,
        };
    }

    private static FirmwareImage Joined(FirmwareImage image, FirmwareImage kept)
    {
        var whole = new FirmwareImageBuilder();
        whole.Add(image);
        whole.Add(kept);
        return whole.Build();
    }

    private static ImmutableArray<AddressRange> Backups(ImmutableArray<Sector> sectors, TargetDescription target, FlashOptions options)
    {
        var backups = options.Backup is null ? [] : AddressRange.Join(sectors.Select(x => x.Range).Order());
        RefuseUnreadable(target, [], backups);
        return backups;
    }

    private static void RefuseUnreadable(TargetDescription target, ImmutableArray<AddressRange> keeps, ImmutableArray<AddressRange> backups)
    {
        if (!target.IsReadable && (keeps, backups) is ([_, ..], _) or (_, [_, ..]))
        {
            throw new PlanRefusedException([new Refusal(
                RefusalKind.Backup, "the device does not let its memory be read: nothing can be kept or saved", keeps.IsEmpty ? backups[0] : keeps[0], "flash without keeping and without a backup")]);
        }
    }

    // A device confirms the erase of a write-protected sector and does nothing. One that already holds what it should is no
    // obstacle; whether it does is known after the survey, which is still before the first erase.
    private static ImmutableArray<string> WithWriteProtection(
        ImmutableArray<string> warnings, ImmutableArray<SectorStep> steps, TargetDescription target, FlashOptions options)
    {
        var changed = steps.Where(x => x.Decision == SectorDecision.Rewrite).Select(x => x.Sector);
        if (options.EraseChip && target.Memory.Flash is { } flash)
        {
            changed = flash.Runs.SelectMany(x => target.Memory.SectorsIn(x.Range)).Concat(changed).DistinctBy(x => x.Range);
        }

        var all = warnings.ToBuilder();
        if (ProtectionCheck.Write(changed, target, options.EraseChip ? "erase only what the file needs" : "take a file that leaves alone what is protected") is { } refusal)
        {
            var refusals = new List<Refusal>();
            ImageFit.Add(refusal, options, refusals, all);
            if (refusals.Count > 0)
            {
                throw new PlanRefusedException(refusals);
            }
        }

        if (ProtectionCheck.Warning(steps.Where(x => x.Decision == SectorDecision.Compare).Select(x => x.Sector), target) is { } warning
            && !options.Allow.HasFlag(FlashAllowances.Protected))
        {
            all.Add(warning);
        }

        return all.ToImmutable();
    }

    // Nothing overrides this: whoever erases by a wrong map erases what he does not mean to.
    private static void RefuseDoubt(TargetDescription target)
    {
        if (target.MapDoubt is { } doubt)
        {
            throw new PlanRefusedException([new Refusal(RefusalKind.Memory, doubt, null, "unplug the board, plug it in again and repeat")]);
        }
    }

    private static ImmutableArray<SectorStep> Steps(FirmwareImage image, MemoryMap memory, Func<Sector, SectorDecision> decide)
    {
        var steps = ImmutableArray.CreateBuilder<SectorStep>();
        foreach (var segment in image.Segments)
        {
            foreach (var sector in memory.SectorsIn(segment.Range))
            {
                var bytes = segment.Range.Intersect(sector.Range)!.Value.Length;
                if (steps.Count > 0 && steps[^1].Sector.Range == sector.Range)
                {
                    steps[^1] = steps[^1] with { ImageBytes = steps[^1].ImageBytes + bytes };
                }
                else
                {
                    steps.Add(new SectorStep(sector, bytes, decide(sector)));
                }
            }
        }

        return steps.ToImmutable();
    }

    // A program is found through the vector table at the start of flash. An image that leaves that to a bootloader brings
    // its own, where one of its segments begins; an image without any is data, and what starts is what was there.
    private static uint VectorTableAddress(FirmwareImage image, TargetDescription target)
    {
        var flash = target.Memory.Flash!;
        if (image.Covers(new AddressRange(flash.Start, 8)))
        {
            return flash.Start;
        }

        var ram = target.Candidates.SelectMany(x => x.Ram).ToList();
        return image.Segments
            .Select(x => x.Range.Start)
            .Where(x => flash.FindSector(x) is not null && VectorTable.TryRead(image, x) is { } table && table.Check(image, ram).IsEmpty)
            .Select(x => (uint?)x)
            .FirstOrDefault() ?? flash.Start;
    }

    // Erased first and written last: whenever work stops in between, the chip finds no vector table and does not run
    // half a program.
    private static ImmutableArray<Sector> VectorTableFirst(IEnumerable<Sector> sectors, uint vectors) =>
        [.. sectors.OrderBy(x => !x.Range.Contains(vectors))];
}
