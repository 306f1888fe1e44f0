using System.Buffers.Binary;

namespace Defuse.Formats;

/// <summary>Unpacks a gzip file of one member (RFC 1952).</summary>
internal static class GzipReader
{
    private const int HeaderSize = 10;
    private const int TrailerSize = 8;
    private const string GetAgain = "download it again: it is cut off or damaged";

    public static bool Recognizes(ReadOnlySpan<byte> file) => file is [0x1F, 0x8B, 8, ..];

    /// <summary>The file inside, or what there is instead of firmware.</summary>
    public static (ArchiveMember? Member, ForeignContent? Foreign) Read(ReadOnlyMemory<byte> file, FileAllowances allow)
    {
        var start = SkipHeader(file.Span, out var name);
        var outcome = Deflate.Unpack(file[start..], Deflate.Limit(file.Length), out var bytes);
        if (outcome != DeflateOutcome.Complete)
        {
            throw outcome switch
            {
                DeflateOutcome.TooLarge => Malformed(
                    $"the gzip archive unpacks to more than {Deflate.Limit(file.Length)} bytes, more than any firmware does",
                    "check where it came from, and get the firmware itself"),
                DeflateOutcome.CutOff => Malformed("the gzip archive is cut off: its data go on past the file's end", GetAgain),
                _ => Malformed("the gzip archive is damaged: its data cannot be unpacked", GetAgain),
            };
        }

        var warnings = new Warnings();
        CheckTrailer(file.Span, start, bytes.Span, allow, warnings);
        if (ForeignContent.Archive(bytes.Span) is { } inner)
        {
            return (null, new ForeignContent($"a gzip archive with {inner} in it", ", not a firmware file", ForeignContent.Unpack));
        }

        return (new ArchiveMember(ArchiveKind.Gzip, name, bytes, warnings), null);
    }

    private static int SkipHeader(ReadOnlySpan<byte> file, out string? name)
    {
        const int HeaderCrc = 2;
        const int Extra = 4;
        const int Name = 8;
        const int Comment = 16;
        name = null;
        if (file.Length < HeaderSize)
        {
            throw CutOff();
        }

        var flags = file[3];
        var position = HeaderSize;
        if ((flags & Extra) != 0)
        {
            position += file.Length < position + 2 ? throw CutOff() : 2 + BinaryPrimitives.ReadUInt16LittleEndian(file[position..]);
        }

        if ((flags & Name) != 0)
        {
            var text = Text(file, ref position);
            name = text.IsEmpty ? null : PrintableText.From(text[..Math.Min(text.Length, 255)]);
        }

        if ((flags & Comment) != 0)
        {
            _ = Text(file, ref position);
        }

        position += (flags & HeaderCrc) != 0 ? 2 : 0;
        return position < file.Length ? position : throw CutOff();
    }

    private static ReadOnlySpan<byte> Text(ReadOnlySpan<byte> file, ref int position)
    {
        var text = position < file.Length ? file[position..] : throw CutOff();
        var end = text.IndexOf((byte)0);
        position += end < 0 ? throw CutOff() : end + 1;
        return text[..end];
    }

    // The inflater does not tell where it stopped, so what it gave is looked for. The first place counts: a later one may be another
    // member with the same content.
    private static void CheckTrailer(ReadOnlySpan<byte> file, int start, ReadOnlySpan<byte> bytes, FileAllowances allow, Warnings warnings)
    {
        Span<byte> expected = stackalloc byte[TrailerSize];
        var crc = ~Crc32.Compute(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(expected, crc);
        BinaryPrimitives.WriteUInt32LittleEndian(expected[4..], unchecked((uint)bytes.Length));
        if (file[start..].IndexOf(expected) is >= 0 and var found)
        {
            var end = start + found + TrailerSize;

            // Tapes and blocks are filled up with zeros, and gzip itself is silent about them.
            if (file[end..].IndexOfAnyExcept((byte)0) < 0)
            {
                return;
            }

            var words = $"offset 0x{end:X}: {PrintableText.Count(file.Length - end, "byte")} after the gzip archive's end";
            if (!allow.HasFlag(FileAllowances.Trailing))
            {
                throw new FirmwareFormatException(
                    FirmwareFormatErrorKind.Trailing, words, "download it again, or unpack it with gzip, which takes all that follows", offset: end);
            }

            warnings.Add(words);
            return;
        }

        var reason = $"the gzip archive's CRC does not fit what is in it, 0x{crc:X8} and {bytes.Length} bytes";
        if (!allow.HasFlag(FileAllowances.Crc))
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Crc, reason, GetAgain, $"0x{crc:X8} and {bytes.Length}", Math.Max(0, file.Length - TrailerSize));
        }

        warnings.Add(reason);
    }

    private static FirmwareFormatException CutOff() => Malformed("the gzip archive is cut off inside its header", GetAgain);

    private static FirmwareFormatException Malformed(string reason, string remedy) => new(FirmwareFormatErrorKind.Malformed, reason, remedy);
}
