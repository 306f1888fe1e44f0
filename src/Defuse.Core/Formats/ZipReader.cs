using System.Buffers.Binary;

namespace Defuse.Formats;

/// <summary>Takes the only firmware file out of a zip archive (PKWARE's APPNOTE 6.3, sections 4.3 and 4.4).</summary>
internal static class ZipReader
{
    private const uint LocalSignature = 0x0403_4B50;
    private const uint EntrySignature = 0x0201_4B50;
    private const uint EndSignature = 0x0605_4B50;
    private const uint Zip64EndSignature = 0x0606_4B50;
    private const uint Zip64LocatorSignature = 0x0706_4B50;
    private const int LocalSize = 30;
    private const int EntrySize = 46;
    private const int EndSize = 22;
    private const int Zip64LocatorSize = 20;
    private const int Zip64EndSize = 56;
    private const int MostEntries = 4096;
    private const string GetAgain = "download it again: it is cut off or damaged";

    public static bool Recognizes(ReadOnlySpan<byte> file) => file is [(byte)'P', (byte)'K', 3, 4, ..] or [(byte)'P', (byte)'K', 5, 6, ..];

    /// <summary>The firmware file inside, or what there is instead of one.</summary>
    /// <param name="file">The archive.</param>
    /// <param name="allow">What to let pass.</param>
    /// <param name="isFirmware">Whether bytes are firmware; null if they are a raw binary for all that their content says.</param>
    public static (ArchiveMember? Member, ForeignContent? Foreign) Read(
        ReadOnlyMemory<byte> file, FileAllowances allow, Func<ReadOnlyMemory<byte>, bool?> isFirmware)
    {
        var warnings = new Warnings();
        var entries = ReadDirectory(file.Span, allow, warnings).FindAll(x => !x.IsAside);
        foreach (var entry in entries)
        {
            if (entry.IsEncrypted)
            {
                return Foreign(
                    $"a zip archive whose file {Short(entry.Name)} is encrypted", ", so that it cannot be looked at", ForeignContent.Unpack);
            }

            if (entry.Method is not (ZipEntry.Stored or ZipEntry.Deflated))
            {
                return Foreign(
                    $"a zip archive whose file {Short(entry.Name)} is packed by the method {Method(entry.Method)}",
                    ", which this program does not know",
                    ForeignContent.Unpack);
            }
        }

        RefuseTooMuch(entries, Deflate.Limit(file.Length));
        var found = new List<string>();
        ArchiveMember? member = null;
        foreach (var entry in entries)
        {
            var bytes = Unpack(file, entry, allow, warnings);
            if (isFirmware(bytes) ?? (entry.IsNamedBinary || entries.Count == 1))
            {
                found.Add(entry.Name);
                member = new ArchiveMember(ArchiveKind.Zip, entry.Name, bytes, warnings);
            }
        }

        return found.Count switch
        {
            1 => (member, null),
            0 => Foreign(
                "a zip archive with no firmware file in it", entries.Count == 0 ? "" : $", only {List(entries.Select(x => x.Name))}",
                "check where it came from, and get the archive or the file that holds the firmware"),
            _ => Foreign(
                $"a zip archive with {found.Count} firmware files in it", $": {List(found)}",
                "unpack it, and give the one that was made for the board"),
        };
    }

    // No file gives more than it announces, so that the announcements are what has to be bounded.
    private static void RefuseTooMuch(List<ZipEntry> entries, long limit)
    {
        var left = limit;
        foreach (var entry in entries)
        {
            if (entry.Size < 0 || entry.Size > left)
            {
                throw Malformed(
                    $"the zip archive unpacks to more than {limit} bytes, more than any firmware does",
                    "check where it came from, and get the firmware itself");
            }

            left -= entry.Size;
        }
    }

    private static List<ZipEntry> ReadDirectory(ReadOnlySpan<byte> file, FileAllowances allow, Warnings warnings)
    {
        var (position, count) = FindDirectory(file, allow, warnings);
        if (count > MostEntries)
        {
            throw Malformed($"the zip archive announces {count} files; more than {MostEntries} are not looked through", "unpack it, and give the firmware file inside");
        }

        var entries = new List<ZipEntry>();
        for (var i = 0L; i < count; i++)
        {
            if (position < 0 || position > file.Length - EntrySize || Word(file, position) != EntrySignature)
            {
                throw Malformed($"the zip archive's directory is damaged: entry {i} of {count} is not at offset 0x{position:X}", GetAgain, position);
            }

            var entry = file[(int)position..];
            var (nameSize, extraSize, commentSize) = (Half(entry, 28), Half(entry, 30), Half(entry, 32));
            if (EntrySize + nameSize + extraSize > entry.Length)
            {
                throw Malformed($"the zip archive's directory is cut off in entry {i}, offset 0x{position:X}", GetAgain, position);
            }

            entries.Add(ReadEntry(entry, nameSize, entry.Slice(EntrySize + nameSize, extraSize)));
            position += EntrySize + nameSize + extraSize + commentSize;
        }

        return entries;
    }

    private static ZipEntry ReadEntry(ReadOnlySpan<byte> entry, int nameSize, ReadOnlySpan<byte> extra)
    {
        long packed = Word(entry, 20), size = Word(entry, 24), offset = Word(entry, 42);

        // What 32 bits cannot say stands in a field of its own, in this order, and only that.
        for (; extra.Length >= 4 && 4 + Half(extra, 2) <= extra.Length; extra = extra[(4 + Half(extra, 2))..])
        {
            if (Half(extra, 0) == 1)
            {
                var wide = extra.Slice(4, Half(extra, 2));
                size = Widen(size, ref wide);
                packed = Widen(packed, ref wide);
                offset = Widen(offset, ref wide);
                break;
            }
        }

        var name = PrintableText.From(entry.Slice(EntrySize, Math.Min(nameSize, 1024)));
        return new ZipEntry(name, Half(entry, 8), Half(entry, 10), Word(entry, 16), packed, size, offset);

        static long Widen(long value, ref ReadOnlySpan<byte> wide)
        {
            if (value != uint.MaxValue || wide.Length < 8)
            {
                return value;
            }

            var result = BinaryPrimitives.ReadInt64LittleEndian(wide);
            wide = wide[8..];
            return result;
        }
    }

    private static (long Position, long Count) FindDirectory(ReadOnlySpan<byte> file, FileAllowances allow, Warnings warnings)
    {
        var end = FindEnd(file);
        var left = file.Length - end - EndSize - Half(file, end + 20);
        if (left > 0)
        {
            var words = $"offset 0x{file.Length - left:X}: {PrintableText.Count(left, "byte")} after the zip archive's end";
            if (!allow.HasFlag(FileAllowances.Trailing))
            {
                throw new FirmwareFormatException(FirmwareFormatErrorKind.Trailing, words, GetAgain, offset: file.Length - left);
            }

            warnings.Add(words);
        }

        long count = Half(file, end + 10), position = Word(file, end + 16);
        if ((count == ushort.MaxValue || position == uint.MaxValue) && end >= Zip64LocatorSize
            && Word(file, end - Zip64LocatorSize) == Zip64LocatorSignature)
        {
            var wide = BinaryPrimitives.ReadInt64LittleEndian(file[(end - Zip64LocatorSize + 8)..]);
            if (wide < 0 || wide > file.Length - Zip64EndSize || Word(file, wide) != Zip64EndSignature)
            {
                throw Malformed("the zip archive's directory is damaged: its 64-bit end record is missing", GetAgain, end);
            }

            count = BinaryPrimitives.ReadInt64LittleEndian(file[((int)wide + 32)..]);
            position = BinaryPrimitives.ReadInt64LittleEndian(file[((int)wide + 48)..]);
        }

        return (position, count);
    }

    // The end record is the last thing but for a comment of up to 65,535 bytes, in which anything may stand.
    private static int FindEnd(ReadOnlySpan<byte> file)
    {
        ReadOnlySpan<byte> signature = [0x50, 0x4B, 5, 6];
        var start = Math.Max(0, file.Length - EndSize - ushort.MaxValue);
        var last = -1;
        for (var tail = file[start..]; tail.LastIndexOf(signature) is >= 0 and var found; tail = tail[..found])
        {
            var left = file.Length - start - found - EndSize;
            var comment = left < 0 ? int.MaxValue : Half(file, start + found + 20);
            if (comment == left)
            {
                return start + found;
            }

            last = last < 0 && comment < left ? start + found : last;
        }

        return last >= 0 ? last : throw Malformed("the zip archive is cut off: the directory at its end is missing", GetAgain);
    }

    private static ReadOnlyMemory<byte> Unpack(ReadOnlyMemory<byte> file, ZipEntry entry, FileAllowances allow, Warnings warnings)
    {
        var header = entry.HeaderOffset;
        var name = Short(entry.Name);
        if (header < 0 || header > file.Length - LocalSize || Word(file.Span, header) != LocalSignature)
        {
            throw Malformed($"the zip archive is damaged: {name} is not at offset 0x{header:X}", GetAgain, header);
        }

        // Names and extra fields may be other ones here than in the directory.
        var start = header + LocalSize + Half(file.Span, (int)header + 26) + Half(file.Span, (int)header + 28);
        if (entry.PackedSize < 0 || start > file.Length || entry.PackedSize > file.Length - start)
        {
            throw Malformed($"the zip archive is damaged: {name} would take {entry.PackedSize} bytes from offset 0x{start:X} on", GetAgain, header);
        }

        var packed = file.Slice((int)start, (int)entry.PackedSize);
        var bytes = packed;
        var outcome = entry.Method == ZipEntry.Stored ? DeflateOutcome.Complete : Deflate.Unpack(packed, entry.Size, out bytes);
        if (outcome != DeflateOutcome.Complete || bytes.Length != entry.Size)
        {
            throw Malformed(
                outcome == DeflateOutcome.Complete
                    ? $"the zip archive is damaged: {name} unpacks to {bytes.Length} bytes, not to {entry.Size}"
                    : $"the zip archive is damaged: {name} cannot be unpacked",
                GetAgain,
                start);
        }

        var crc = ~Crc32.Compute(bytes.Span);
        if (crc != entry.Crc)
        {
            var reason = $"the CRC of {name} in the zip archive is 0x{entry.Crc:X8}, but its bytes give 0x{crc:X8}";
            if (!allow.HasFlag(FileAllowances.Crc))
            {
                throw new FirmwareFormatException(FirmwareFormatErrorKind.Crc, reason, GetAgain, $"0x{crc:X8}", start);
            }

            if (warnings.HasRoom())
            {
                warnings.Add(reason);
            }
        }

        return bytes;
    }

    private static string Method(ushort method) => method switch
    {
        9 => "Deflate64",
        12 => "bzip2",
        14 => "LZMA",
        20 or 93 => "Zstandard",
        95 => "xz",
        98 => "PPMd",
        _ => $"{method}",
    };

    private static (ArchiveMember? Member, ForeignContent? Foreign) Foreign(string name, string why, string remedy) =>
        (null, new ForeignContent(name, why, remedy));

    private static string List(IEnumerable<string> names) => PrintableText.List([.. names.Select(Short)]);

    private static string Short(string name) => PrintableText.Short(name);

    private static uint Word(ReadOnlySpan<byte> bytes, long offset) => BinaryPrimitives.ReadUInt32LittleEndian(bytes[(int)offset..]);

    private static ushort Half(ReadOnlySpan<byte> bytes, int offset) => BinaryPrimitives.ReadUInt16LittleEndian(bytes[offset..]);

    private static FirmwareFormatException Malformed(string reason, string remedy, long? offset = null) =>
        new(FirmwareFormatErrorKind.Malformed, reason, remedy, offset: offset);
}
