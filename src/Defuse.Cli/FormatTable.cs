using System.Collections.Immutable;
using Defuse.Formats;

namespace Defuse.Cli;

/// <summary>The formats of firmware files, by the names that people give them.</summary>
internal static class FormatTable
{
    /// <summary>What a FILE may be, for help.</summary>
    public const string Files = ".dfu, .hex, .srec, .elf, .uf2, .bin, or a .zip or .gz of one; - is stdin";

    private static readonly ImmutableArray<FormatEntry> All =
    [
        new(FirmwareFormat.DfuSe, "dfu", "DfuSe file", true, ".dfu"),
        new(FirmwareFormat.Dfu, "plain-dfu", "plain DFU file", false, ".dfu"),
        new(FirmwareFormat.IntelHex, "hex", "Intel HEX file", true, ".hex", ".ihex", ".ihx"),
        new(FirmwareFormat.SRecord, "srec", "Motorola S-record file", true, ".srec", ".s19", ".s28", ".s37", ".mot"),
        new(FirmwareFormat.Elf, "elf", "ELF file", false, ".elf", ".axf", ".out"),
        new(FirmwareFormat.Uf2, "uf2", "UF2 file", true, ".uf2"),
        new(FirmwareFormat.TiText, "ti-txt", "TI-TXT file", false),
        new(FirmwareFormat.Binary, "bin", "raw bytes", true, ".bin"),
    ];

    /// <summary>The formats that are written.</summary>
    public static IEnumerable<FormatEntry> Written => All.Where(x => x.IsWritten);

    public static FormatEntry Of(FirmwareFormat format) => All.First(x => x.Format == format);

    /// <summary>The format in which a file of this name is written; null if its extension says none.</summary>
    public static FirmwareFormat? ToWrite(string path) => Written.FirstOrDefault(x => x.HasExtensionOf(path))?.Format;

    /// <summary>What a file is, where its extension says something else; null where the two agree, or the extension says nothing.</summary>
    public static string? Belied(string path, FirmwareFormat format)
    {
        var likely = All.Where(x => x.HasExtensionOf(path)).ToList();
        return likely.Count == 0 || likely.Any(x => x.Format == format) ? null
            : $"{Path.GetFileName(path)} is {Of(format).Described}, not {likely[0].Described}: its content counts, not its name";
    }
}
