using System.Buffers.Binary;

namespace Defuse.Formats;

/// <summary>One block of a UF2 file: 512 bytes (microsoft/uf2, "File format").</summary>
internal readonly record struct Uf2Block(int Offset, uint Flags, uint Address, int Size, uint Number, uint Count, uint FamilyField)
{
    public const int Length = 512;
    public const int PayloadOffset = 32;
    public const int MaxPayload = 476;
    public const uint Magic0 = 0x0A32_4655;
    public const uint Magic1 = 0x9E5D_5157;
    public const uint MagicEnd = 0x0AB1_6F30;
    public const uint FamilyPresent = 0x2000;

    private const uint NotMainFlash = 0x0001;
    private const uint FileContainer = 0x1000;
    private const uint Md5Present = 0x4000;
    private const uint TagsPresent = 0x8000;
    private const int Md5Size = 24;

    /// <summary>Whether the block holds a part of a file for a file system, and nothing for flash.</summary>
    public bool IsOfFile => (Flags & FileContainer) != 0;

    public bool IsMainFlash => (Flags & (NotMainFlash | FileContainer)) == 0;

    /// <summary>The family's number; null if the block names none.</summary>
    public uint? Family => (Flags & FamilyPresent) != 0 && !IsOfFile ? FamilyField : null;

    /// <summary>Whether a file starts with a block's first two numbers.</summary>
    public static bool Starts(ReadOnlySpan<byte> file) =>
        file.Length >= 8 && BinaryPrimitives.ReadUInt32LittleEndian(file) == Magic0 && BinaryPrimitives.ReadUInt32LittleEndian(file[4..]) == Magic1;

    public static Uf2Block Read(ReadOnlySpan<byte> file, int offset)
    {
        var block = file.Slice(offset, Length);
        var end = Word(block, Length - 4);
        if (end != MagicEnd)
        {
            throw Malformed(
                $"the block at offset 0x{offset:X} ends with 0x{end:X8}, not with a block's mark", offset + Length - 4, $"0x{MagicEnd:X8}");
        }

        var size = Word(block, 16);
        if (size > MaxPayload)
        {
            throw Malformed(
                $"the block at offset 0x{offset:X} says that it brings {size} bytes, but there is room for {MaxPayload}",
                offset + 16,
                $"at most {MaxPayload}");
        }

        return new Uf2Block(offset, Word(block, 8), Word(block, 12), (int)size, Word(block, 20), Word(block, 24), Word(block, 28));
    }

    /// <summary>What is behind the payload, up to where the block's own numbers are: tags, or a file's name.</summary>
    public ReadOnlySpan<byte> Behind(ReadOnlySpan<byte> file)
    {
        var end = PayloadOffset + MaxPayload - ((Flags & Md5Present) != 0 ? Md5Size : 0);
        return Size > end - PayloadOffset ? [] : file[(Offset + PayloadOffset + Size)..(Offset + end)];
    }

    /// <summary>The block's extension tags, taken over where they say what is not known yet.</summary>
    public Uf2Info AddTags(ReadOnlySpan<byte> file, Uf2Info info)
    {
        if ((Flags & TagsPresent) == 0)
        {
            return info;
        }

        var rest = Behind(file);
        rest = rest[Math.Min(-Size & 3, rest.Length)..];
        while (rest.Length >= 4 && rest[0] >= 4 && rest[0] <= rest.Length)
        {
            var data = rest[4..rest[0]];
            info = (BinaryPrimitives.ReadUInt32LittleEndian(rest) >> 8) switch
            {
                0x65_0D9D => info with { Description = info.Description ?? PrintableText.From(data) },
                0x9F_C7BC => info with { Version = info.Version ?? PrintableText.From(data) },
                0x0B_E9F7 when data.Length == 4 => info with { PageSize = info.PageSize ?? Word(data, 0) },
                0xC8_A729 when data.Length == 4 => info with { DeviceType = info.DeviceType ?? Word(data, 0) },
                0xC8_A729 when data.Length == 8 => info with { DeviceType = info.DeviceType ?? BinaryPrimitives.ReadUInt64LittleEndian(data) },
                _ => info,
            };
            rest = rest[Math.Min((rest[0] + 3) & ~3, rest.Length)..];
        }

        return info;
    }

    private static uint Word(ReadOnlySpan<byte> block, int offset) => BinaryPrimitives.ReadUInt32LittleEndian(block[offset..]);

    private static FirmwareFormatException Malformed(string reason, int offset, string expected) => new(
        FirmwareFormatErrorKind.Malformed, reason, "the file is damaged: download it again, or build it again", expected, offset);
}
