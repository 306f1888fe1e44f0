using Defuse.Devices;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli;

/// <summary>How what was read of a device is written to a file, so that it can be flashed to it again.</summary>
internal static class MemoryFile
{
    /// <param name="target">The device.</param>
    /// <param name="range">A range that was read.</param>
    public static FirmwareWriteOptions Options(TargetDescription target, AddressRange range) =>
        new() { DfuSe = DfuSe(target, range), Uf2Family = Family(target) };

    private static uint? Family(TargetDescription target) =>
        target.Candidates.Select(x => x.Chip.Family).Distinct(StringComparer.Ordinal).ToList() is [var family] ? Uf2Families.Find(family)?.Id : null;

    private static DfuSeWriteOptions DfuSe(TargetDescription target, AddressRange range)
    {
        var region = target.Memory.FindRegion(range.Start);
        return new DfuSeWriteOptions
        {
            VendorId = target.VendorId ?? 0xFFFF,
            ProductId = target.ProductId ?? 0xFFFF,
            AlternateSetting = region?.AlternateSetting ?? 0,
            TargetName = region?.Name,
        };
    }
}
