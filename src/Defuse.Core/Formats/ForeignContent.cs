using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using System.Text.Unicode;

namespace Defuse.Formats;

/// <summary>Something that people give for firmware, and that would do harm in a chip: a web page, an archive, a linker's output.</summary>
/// <param name="Name">What it is, with its article.</param>
/// <param name="Why">Why it is not opened, to stand behind the name.</param>
/// <param name="Remedy">What to give instead.</param>
internal sealed record ForeignContent(string Name, string Why, string Remedy)
{
    /// <summary>The remedy for what is packed in ways that are not opened.</summary>
    public const string Unpack = "unpack it, and give the firmware file inside";

    private const string NotOpened = ", which this version does not open";
    private const string NotFirmware = ", not firmware";
    private const string GetAgain = "check where it came from, and download the firmware itself";

    // Fewer printable bytes than this are as likely data; "404: Not Found" is longer.
    private const int ShortestText = 12;

    private static readonly SearchValues<byte> ControlCharacters = SearchValues.Create(
        [.. Enumerable.Range(0, 32).Select(x => (byte)x).Except("\t\n\f\r"u8.ToArray()), 0x7F]);


    private static readonly ForeignContent Html = new(
        "an HTML page",
        ", not firmware: the download was of a web page",
        "open the address in a browser, and download the file that the page offers");

    private static readonly ForeignContent LfsPointer = new(
        "a Git LFS pointer", ", not the file that it stands for", "fetch the file with git lfs pull, or download it from the repository's page");

    private static readonly ForeignContent Empty = new(
        "an empty file", ", with no firmware in it", "download it again, or build it again");

    private static readonly ForeignContent Utf16 = new(
        "a text file in UTF-16", NotFirmware, "if a PowerShell redirection made it, let the tool write the file by itself");

    private static readonly ForeignContent Xml = new("an XML file", NotFirmware, GetAgain);

    private static readonly ForeignContent Json = new("a JSON file", NotFirmware, GetAgain);

    private static readonly ForeignContent Source = new(
        "a source text", ", not yet a program", "build the project that it belongs to, and give the .elf, .hex or .bin that comes out");

    private static readonly ForeignContent Script = new("a script", NotFirmware, GetAgain);

    private static readonly ForeignContent Text = new("a text file", NotFirmware, GetAgain);

    /// <summary>The mark that some editors put before UTF-8.</summary>
    public static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Whether nothing but its characters speaks against it.</summary>
    public bool IsPlainText => ReferenceEquals(this, Text);

    /// <summary>What a file is, if it is known not to be a raw binary.</summary>
    public static ForeignContent? Recognize(ReadOnlySpan<byte> file)
    {
        if (file.IsEmpty)
        {
            return Empty;
        }

        return BySignature(file) ?? DfuSeWithoutStart(file) ?? ByText(file);
    }

    /// <summary>The text behind a byte order mark and blanks.</summary>
    public static ReadOnlySpan<byte> TrimStart(ReadOnlySpan<byte> file) =>
        (file.StartsWith(ByteOrderMark) ? file[ByteOrderMark.Length..] : file).TrimStart(" \t\r\n"u8);

    /// <summary>Whether no byte is one that text never has, and few are beyond ASCII unless they are UTF-8.</summary>
    public static bool IsText(ReadOnlySpan<byte> file)
    {
        if (file.ContainsAny(ControlCharacters))
        {
            return false;
        }

        return Utf8.IsValid(file) || CountBeyondAscii(file) <= file.Length / 8;
    }

    /// <summary>The refusal.</summary>
    public FirmwareFormatException ToException() => new(FirmwareFormatErrorKind.Content, $"the file is {Name}{Why}", Remedy);

    /// <summary>The kind of archive that a file is, with its article; null if it is none that is known.</summary>
    public static string? Archive(ReadOnlySpan<byte> file) => file switch
    {
        [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..] => "a zip archive",
        [0x1F, 0x8B, 8, ..] => "a gzip archive",
        [0xFD, (byte)'7', (byte)'z', (byte)'X', (byte)'Z', 0, ..] => "an xz archive",
        [(byte)'B', (byte)'Z', (byte)'h', >= (byte)'1' and <= (byte)'9', (byte)'1', (byte)'A', (byte)'Y', ..] => "a bzip2 archive",
        [0x28, 0xB5, 0x2F, 0xFD, ..] => "a Zstandard archive",
        [0x04, 0x22, 0x4D, 0x18, ..] => "an LZ4 archive",
        [(byte)'7', (byte)'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => "a 7z archive",
        [(byte)'R', (byte)'a', (byte)'r', (byte)'!', 0x1A, 7, ..] => "a RAR archive",
        [(byte)'M', (byte)'S', (byte)'C', (byte)'F', 0, 0, 0, 0, ..] => "a cabinet archive",
        _ when file.StartsWith("!<arch>\n"u8) => "a library of object files, or a Debian package",
        _ => file.Length >= 512 && file[257..].StartsWith("ustar"u8) ? "a tar archive" : null,
    };

    private static ForeignContent? BySignature(ReadOnlySpan<byte> file)
    {
        if (ElfHeader.Recognizes(file))
        {
            return ElfHeader.Stranger(file);
        }

        if (Archive(file) is { } archive)
        {
            return new ForeignContent(archive, NotFirmware + " itself", Unpack);
        }

        var name = file switch
        {
            [(byte)'%', (byte)'P', (byte)'D', (byte)'F', (byte)'-', ..] => "a PDF document",
            [0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', ..] => "a PNG picture",
            [0xFF, 0xD8, 0xFF, 0xDB or 0xE0 or 0xE1 or 0xEE, ..] => "a JPEG picture",
            [(byte)'G', (byte)'I', (byte)'F', (byte)'8', (byte)'7' or (byte)'9', (byte)'a', ..] => "a GIF picture",
            [0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1, ..] => "a Microsoft Office document",
            [0xCA, 0xFE, 0xBA, 0xBE, 0, _, 0, >= 45, ..] => "a Java class",
            [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, > 0 and < 45, ..] or [0xCE or 0xCF, 0xFA, 0xED, 0xFE, ..] => "a program for macOS",
            [(byte)'M', (byte)'Z', ..] when IsWindowsProgram(file) => "a Windows program",
            _ => null,
        };
        if (name is not null)
        {
            return new ForeignContent(name, NotFirmware, GetAgain);
        }

        return IsEspImage(file)
            ? new ForeignContent(
                "an image for Espressif's ESP32 or ESP8266", ", not for an STM32", "flash it with esptool, or give the firmware that was made for the board")
            : null;
    }

    // Its magic number, 1 to 16 segments, a mode and a speed of the SPI flash that exist, and an entry point where these chips run programs.
    private static bool IsEspImage(ReadOnlySpan<byte> file) =>
        file.Length >= 24 && file is [0xE9, >= 1 and <= 16, <= 5, _, ..]
        && BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) is >= 0x4000_0000 and < 0x5000_0000;

    private static ForeignContent? DfuSeWithoutStart(ReadOnlySpan<byte> file) =>
        DfuSuffix.TryRead(file, out _) is { DfuVersion: DfuSuffix.DfuSeVersion } suffix
            ? new ForeignContent(
                $"a DFU file for {suffix.VendorId:x4}:{suffix.ProductId:x4} that names DfuSe at its end",
                ", but does not start with \"DfuSe\"",
                "download it again, or build it again")
            : null;

    private static ForeignContent? ByText(ReadOnlySpan<byte> file)
    {
        if (IsUtf16(file))
        {
            return Utf16;
        }

        var text = TrimStart(file);
        if (IsHtml(text))
        {
            return Html;
        }

        if (!IsText(file))
        {
            return null;
        }

        return text switch
        {
            [(byte)'<', (byte)'?', (byte)'x', (byte)'m', (byte)'l', ..] => Xml,
            [(byte)'#', (byte)'!', (byte)'/', ..] => Script,
            [(byte)'{', ..] when text.TrimEnd(" \t\r\n"u8) is [.., (byte)'}'] => Json,
            [(byte)'[', ..] when text.TrimEnd(" \t\r\n"u8) is [.., (byte)']'] => Json,
            _ when text.StartsWith("#include"u8) || text.StartsWith("/*"u8) || text.StartsWith("//"u8) => Source,
            _ => text.StartsWith("version https://git-lfs.github.com/spec/"u8) ? LfsPointer
                : file.Length >= ShortestText ? Text : null,
        };
    }

    private static bool IsHtml(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty || text[0] != '<')
        {
            return false;
        }

        // A page may begin with an XML declaration or a comment, so its first part counts, not its first word.
        var start = text[..Math.Min(text.Length, 2048)];
        var firstControl = start.IndexOfAny(ControlCharacters);
        var words = Encoding.Latin1.GetString(firstControl < 0 ? start : start[..firstControl]);
        return words.Contains("<!doctype html", StringComparison.OrdinalIgnoreCase)
            || words.Contains("<html", StringComparison.OrdinalIgnoreCase)
            || words.StartsWith("<head", StringComparison.OrdinalIgnoreCase)
            || words.StartsWith("<body", StringComparison.OrdinalIgnoreCase)
            || words.StartsWith("<script", StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsUtf16(ReadOnlySpan<byte> file)
    {
        if (file is not ([0xFF, 0xFE, _, _, ..] or [0xFE, 0xFF, _, _, ..]))
        {
            return false;
        }

        var start = file[..Math.Min(file.Length & ~1, 256)];
        var zeros = 0;
        for (var i = file[0] == 0xFF ? 3 : 2; i < start.Length; i += 2)
        {
            zeros += start[i] == 0 ? 1 : 0;
        }

        var others = 0;
        for (var i = file[0] == 0xFF ? 2 : 3; i < start.Length; i += 2)
        {
            others += ControlCharacters.Contains(start[i]) ? 1 : 0;
        }

        return others == 0 && zeros >= start.Length / 4;
    }

    private static bool IsWindowsProgram(ReadOnlySpan<byte> file)
    {
        if (file.Length < 64)
        {
            return false;
        }

        var header = BinaryPrimitives.ReadUInt32LittleEndian(file[0x3C..]);
        return header < file.Length && file[(int)header..].StartsWith("PE\0\0"u8);
    }

    private static int CountBeyondAscii(ReadOnlySpan<byte> file)
    {
        var count = 0;
        foreach (var value in file)
        {
            count += value >> 7;
        }

        return count;
    }
}
