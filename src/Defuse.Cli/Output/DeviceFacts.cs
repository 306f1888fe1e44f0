using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Cli.Output;

/// <summary>What there is to say about a device and what it holds.</summary>
/// <param name="Target">The device.</param>
/// <param name="Inspection">What was found in the sectors that are not blank; null if the device could not be read, or all are blank.</param>
/// <param name="WasRead">Whether it could be read.</param>
/// <param name="Used">The sectors that are not blank.</param>
/// <param name="SectorCount">How many sectors were read.</param>
internal sealed record DeviceFacts(TargetDescription Target, ImageInspection? Inspection, bool WasRead, ImmutableArray<Sector> Used, int SectorCount)
{
    /// <summary>How much flash it has, as far as that is known.</summary>
    public FlashSize? FlashSize { get; init; } = Target.FlashSize;

    public static DeviceFacts Of(TargetDescription target, FirmwareImage? contents)
    {
        if (contents is null)
        {
            return new DeviceFacts(target, null, false, [], 0);
        }

        var sectors = contents.Segments.SelectMany(x => target.Memory.SectorsIn(x.Range)).ToList();
        var image = new FirmwareImageBuilder();
        var used = ImmutableArray.CreateBuilder<Sector>();
        foreach (var sector in sectors)
        {
            var part = contents.Slice(sector.Range);
            if (part.Segments.Any(x => x.Data.Span.IndexOfAnyExcept(target.ErasedByte) >= 0))
            {
                image.Add(part);
                used.Add(sector);
            }
        }

        // Which chips it would fit is no question: it is on one.
        var held = image.Build();
        var inspection = held.IsEmpty ? null : ImageInspection.Of(held, new InspectionContext { Chips = new ChipDatabase([]), ErasedByte = target.ErasedByte });
        return new DeviceFacts(target, inspection, true, used.ToImmutable(), sectors.Count);
    }
}
