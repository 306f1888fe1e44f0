using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Inspection;
using Defuse.Planning;

namespace Defuse.Cli.Output;

/// <summary>What there is to say about a firmware file.</summary>
internal sealed record FileFacts
{
    private const uint UsualAddress = 0x0800_0000;

    public required OpenedFile Opened { get; init; }

    public required ImageInspection Inspection { get; init; }

    /// <summary>The board or chip that it was held against; null without one.</summary>
    public TargetDescription? Target { get; init; }

    public VectorTable? VectorTable { get; private init; }

    public ImmutableArray<string> VectorTableFindings { get; private init; } = [];

    public FirmwareFile File => Opened.File;

    /// <summary>The format's short name.</summary>
    public string Format => FormatTable.Of(File.Format).Name;

    /// <summary>Why flashing it to <see cref="Target"/> would be refused; empty if it would not, or if there is no target.</summary>
    public ImmutableArray<string> Refusals { get; private init; } = [];

    /// <summary>What flashing it to <see cref="Target"/> would warn of.</summary>
    public ImmutableArray<string> Warnings { get; private init; } = [];

    /// <summary>Looks into a file.</summary>
    /// <param name="opened">The file.</param>
    /// <param name="target">What to hold it against: a device, or a board or chip that nobody has connected.</param>
    /// <param name="contents">What the device holds, where the file goes.</param>
    /// <param name="bootloader">Where the board keeps its bootloader.</param>
    public static FileFacts Of(OpenedFile opened, TargetDescription? target = null, FirmwareImage? contents = null, BootloaderArea? bootloader = null)
    {
        var file = opened.File;
        var inspection = ImageInspection.Of(file.Image, new InspectionContext
        {
            NeedsAddress = file.NeedsAddress,
            EntryPoint = file.EntryPoint,
            MadeFor = FirmwareLoader.MadeFor(file),
            Memory = target?.Memory,
            ErasedByte = target?.ErasedByte ?? 0xFF,
            Contents = contents,
            Bootloader = bootloader,
        });
        var fits = file.Image.ByteCount <= AddressRange.AddressSpaceEnd - UsualAddress;
        var image = inspection.HasAddresses ? inspection.Image : fits ? file.At(UsualAddress).Image : file.Image;
        var table = image.Extent is { } extent ? VectorTable.TryRead(image, extent.Start) : null;
        var (refusals, warnings) = target is null ? ([], []) : Try(file, inspection, target);
        return new FileFacts
        {
            Opened = opened,
            Inspection = inspection,
            Target = target,
            VectorTable = table,
            VectorTableFindings = table?.Check(image) ?? [],
            Refusals = refusals,
            Warnings = warnings,
        };
    }

    // What flashing would say, which is not done.
    private static (ImmutableArray<string> Refusals, ImmutableArray<string> Warnings) Try(FirmwareFile file, ImageInspection inspection, TargetDescription target)
    {
        if (!inspection.HasAddresses)
        {
            return ([], ["its bytes have no address: flashing it needs --address"]);
        }

        try
        {
            var plan = FlashPlanner.Plan(inspection.Image, target, new FlashOptions { MadeFor = FirmwareLoader.MadeFor(file) });
            return ([], plan.Warnings);
        }
        catch (PlanRefusedException refused)
        {
            return ([.. refused.Refusals.Select(x => x.Remedy is null ? x.Reason : $"{x.Reason}; {x.Remedy}")], []);
        }
    }
}
