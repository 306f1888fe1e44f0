using Defuse.Devices;
using Defuse.Images;

namespace Defuse.Targets.Dfu;

/// <summary>Tells parts of one chip apart whose banks are cut into sectors differently, though one announces the other's.</summary>
/// <remarks>
/// In two banks an F76x with 1 MB has its small sectors at 0x08080000, where one with 2 MB has sectors of 128 KB, and no ROM
/// says which part it is in. What lies behind the smaller part's flash does: there is memory, or there is none.
/// </remarks>
internal static class BankSizeEvidence
{
    /// <summary>Looks at memory where that matters.</summary>
    /// <returns>The description with the sectors that are there, or with the doubt that remains.</returns>
    /// <exception cref="TransportException">The device can no longer be reached.</exception>
    public static async ValueTask<TargetDescription> AddAsync(DfuTarget target, CancellationToken cancellationToken)
    {
        var description = target.Description;
        if (description.Memory.Flash is not { } flash || Smaller(description, flash) is not { } smaller)
        {
            return description;
        }

        var behind = (uint)(flash.Start + smaller.ByteCount);
        var part = $"{smaller.ByteCount / 1024} KB";
        try
        {
            await foreach (var block in target.ReadAsync(new AddressRange(behind, description.BlockSize), cancellationToken).ConfigureAwait(false))
            {
                _ = block;
            }

            await target.SettleAsync(cancellationToken).ConfigureAwait(false);
            return description;
        }
        catch (DfuException e) when (e.Code is DfuStatusCode.Target or DfuStatusCode.Address)
        {
            await target.SettleAsync(cancellationToken).ConfigureAwait(false);
            return description with
            {
                Memory = new MemoryMap(description.Memory.Regions.Select(x => ReferenceEquals(x, flash) ? new MemoryRegion(x.Name, x.AlternateSetting, smaller.Runs) : x)),
                FlashSize = new FlashSize(smaller.ByteCount, "there is no memory behind that", IsGuess: false),
                Remarks = description.Remarks.Add($"the device announces more flash than it has: {smaller.Name} is used"),
            };
        }
        catch (DefuseException e) when (e is DfuException or TransportException { Failure: not TransportFailure.Disconnected })
        {
            await target.SettleAsync(cancellationToken).ConfigureAwait(false);
            return e is DfuException { IndicatesReadOutProtection: true }
                ? description
                : description with { MapDoubt = $"the sectors of a part with {part} and of a larger one differ, and which it is could not be found out ({e.Message})" };
        }
    }

    // Where the smaller part's sectors are the first of the larger one's, it does not matter which it is.
    private static FlashLayout? Smaller(TargetDescription description, MemoryRegion flash) =>
        description.Candidates
            .SelectMany(x => x.Chip.Layouts.Where(y => y.DualBank
                && y.ByteCount < flash.ByteCount
                && x.Chip.Layouts.Any(z => z.DualBank && z.HasSectorsOf(flash.Runs))))
            .Where(x => x.Runs.SelectMany(Sectors).Any(y => flash.FindSector(y.Start)?.Range != y))
            .MaxBy(x => x.ByteCount);

    private static IEnumerable<AddressRange> Sectors(SectorRun run) =>
        Enumerable.Range(0, run.Count).Select(x => new AddressRange((uint)(run.Range.Start + (x * run.SectorSize)), run.SectorSize));
}
