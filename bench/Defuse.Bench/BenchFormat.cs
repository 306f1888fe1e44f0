using Defuse.Formats;

namespace Defuse.Bench;

/// <summary>A format that is measured, and what other programs call it; null where one does not know it.</summary>
internal sealed record BenchFormat(string Name, FirmwareFormat Format, bool IsWritten, string? Objcopy, string? SrecCat)
{
    public static IReadOnlyList<BenchFormat> All { get; } =
    [
        new("hex", FirmwareFormat.IntelHex, true, "ihex", "-intel"),
        new("srec", FirmwareFormat.SRecord, true, "srec", "-motorola"),
        new("ti-txt", FirmwareFormat.TiText, false, null, "-ti-txt"),
        new("dfu", FirmwareFormat.DfuSe, true, null, null),
        new("uf2", FirmwareFormat.Uf2, true, null, null),
        new("bin", FirmwareFormat.Binary, true, "binary", "-binary"),
    ];
}
