using System.Buffers.Binary;
using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Takes what belongs in memory out of a linker's output (ELF32 for ARM, little-endian).</summary>
/// <remarks>
/// Each loadable segment's file bytes go to its physical address, as an initialised variable's to the flash that it is copied from at
/// the start. A file without such segments gives the sections that take part in the program.
/// </remarks>
internal ref struct ElfReader
{
    private const int ProgramHeaderSize = 32;
    private const int SectionHeaderSize = 40;
    private const uint Load = 1;
    private const uint Interpreter = 3;
    private const uint SymbolTable = 2;
    private const uint RelocationsWithAddends = 4;
    private const uint NoBits = 8;
    private const uint Relocations = 9;
    private const uint Allocated = 2;
    private const string GetAgain = "the file is damaged: download it again, or link it again";

    // Where Cortex-M have RAM, and STM32 their core-coupled memory.
    private static readonly ImmutableArray<AddressRange> Ram = [new(0x1000_0000, 0x4_0000), new(0x2000_0000, 0x2000_0000)];

    private readonly ReadOnlySpan<byte> _file;
    private readonly Warnings _warnings = new();
    private readonly int _segments;
    private readonly int _segmentCount;
    private readonly int _segmentSize;
    private readonly int _sections;
    private readonly int _sectionCount;
    private readonly int _sectionSize;

    private ElfReader(ReadOnlySpan<byte> file)
    {
        _file = file;
        (_segments, _segmentCount, _segmentSize) = Table(file, 28, 42, ProgramHeaderSize);
        (_sections, _sectionCount, _sectionSize) = Table(file, 32, 46, SectionHeaderSize);
    }

    public static FirmwareFile Read(ReadOnlySpan<byte> file)
    {
        CheckHeader(file);
        return new ElfReader(file).Read();
    }

    /// <summary>Whether a relocatable file still wants a linker; objcopy calls whole images relocatable too, which have no symbols.</summary>
    public static bool IsLinkerInput(ReadOnlySpan<byte> file)
    {
        var reader = new ElfReader(file);
        if (reader._segmentCount > 0)
        {
            return false;
        }

        for (var i = 0; i < reader._sectionCount; i++)
        {
            if (reader.Section(i).Type is SymbolTable or Relocations or RelocationsWithAddends)
            {
                return true;
            }
        }

        return false;
    }

    private static void CheckHeader(ReadOnlySpan<byte> file)
    {
        if (!ElfHeader.Recognizes(file))
        {
            throw Malformed("the file does not start with 0x7F and \"ELF\", so it is no ELF file", 0, "0x7F and \"ELF\"");
        }

        if (file.Length < ElfHeader.Size)
        {
            throw Malformed(
                $"the file ends at offset 0x{file.Length:X}, inside the header of {ElfHeader.Size} bytes", file.Length, $"{ElfHeader.Size} bytes");
        }

        if (ElfHeader.Stranger(file) is { } stranger)
        {
            throw stranger.ToException();
        }

        if (file[4] != 1 || file[5] != 1)
        {
            throw Malformed($"the file's class and byte order, {file[4]} and {file[5]} at offset 0x4, do not exist", 4, "1 and 1");
        }
    }

    // A table that does not lie in the file whole counts as none; what is needed of it is missed later, with its own words.
    private static (int Offset, int Count, int Size) Table(ReadOnlySpan<byte> file, int offsetField, int sizeField, int least)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(file[offsetField..]);
        var size = BinaryPrimitives.ReadUInt16LittleEndian(file[sizeField..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(file[(sizeField + 2)..]);
        return offset == 0 || size < least || offset + ((long)size * count) > file.Length ? default : ((int)offset, count, size);
    }

    private readonly FirmwareFile Read()
    {
        RefuseCutTable(28, 44, _segmentCount, "program");
        RefuseLinuxProgram();
        var parts = Segments();
        var noun = "segment";
        if (parts.Count == 0)
        {
            RefuseCutTable(32, 48, _sectionCount, "section");
            parts = Sections();
            noun = "section";
        }

        if (parts.Count == 0)
        {
            throw FirmwareFile.NoData();
        }

        RefuseTooMuch(parts, noun);
        WarnAboutRam(parts, noun);
        var entry = BinaryPrimitives.ReadUInt32LittleEndian(_file[24..]);
        return new FirmwareFile(FirmwareFormat.Elf, FilePart.Build(_file, parts, noun))
        {
            EntryPoint = entry == 0 ? null : entry,
            Elf = Describe(),
            Warnings = _warnings.ToImmutable(),
        };
    }

    private readonly void RefuseCutTable(int offsetField, int countField, int usable, string name)
    {
        var offset = BinaryPrimitives.ReadUInt32LittleEndian(_file[offsetField..]);
        var count = BinaryPrimitives.ReadUInt16LittleEndian(_file[countField..]);
        if (offset != 0 && count != usable)
        {
            throw Malformed(
                $"the {count} {name} headers, announced from offset 0x{offset:X} on, are not in the file of 0x{_file.Length:X} bytes",
                offsetField,
                $"{count} {name} headers");
        }
    }

    private readonly void RefuseLinuxProgram()
    {
        for (var i = 0; i < _segmentCount; i++)
        {
            if (Word(_segments + (i * _segmentSize)) == Interpreter)
            {
                throw new ForeignContent(
                    "a program for an operating system on ARM", ", not for a microcontroller",
                    "give the firmware of the board, not a program that runs under Linux").ToException();
            }
        }
    }

    private readonly List<FilePart> Segments()
    {
        var parts = new List<FilePart>();
        var first = FirstSection();
        for (var i = 0; i < _segmentCount; i++)
        {
            var header = _segments + (i * _segmentSize);
            var (offset, address, size) = (Word(header + 4), Word(header + 12), Word(header + 16));
            if (Word(header) != Load || size == 0)
            {
                continue;
            }

            CheckPart($"segment {i}", header, offset, address, size);
            var headers = offset < ElfHeader.Size && first > offset ? Math.Min(first - offset, size) : 0;
            if (headers > 0 && _warnings.HasRoom())
            {
                _warnings.Add($"segment {i}: its first {headers} bytes, at 0x{address:X8}, are the ELF file's own headers and are left out");
            }

            if (headers < size)
            {
                parts.Add(new FilePart(address + headers, (int)(offset + headers), (int)(size - headers), i));
            }
        }

        return parts;
    }

    // Linkers that think in pages may load the file's headers in front of the first section.
    private readonly uint FirstSection()
    {
        var first = 0u;
        for (var i = 0; i < _sectionCount; i++)
        {
            var section = Section(i);
            if (section.TakesPart && (first == 0 || section.Offset < first))
            {
                first = section.Offset;
            }
        }

        return first;
    }

    private readonly List<FilePart> Sections()
    {
        var parts = new List<FilePart>();
        for (var i = 0; i < _sectionCount; i++)
        {
            var section = Section(i);
            if (section.TakesPart)
            {
                CheckPart($"section {i}", _sections + (i * _sectionSize), section.Offset, section.Address, section.Size);
                parts.Add(new FilePart(section.Address, (int)section.Offset, (int)section.Size, i));
            }
        }

        return parts;
    }

    private readonly void CheckPart(string name, int header, uint offset, uint address, uint size)
    {
        if ((long)offset + size > _file.Length)
        {
            throw Malformed(
                $"{name} takes {size} bytes from offset 0x{offset:X} on, but the file ends at 0x{_file.Length:X}",
                header,
                $"bytes that end at offset 0x{_file.Length:X} or before");
        }

        if (size > AddressRange.AddressSpaceEnd - address)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Malformed,
                $"{name}, {size} bytes from 0x{address:X8}, would end past 0xFFFFFFFF",
                "link it again with the right addresses",
                "bytes that end at 0xFFFFFFFF or before",
                header,
                address: address);
        }
    }

    // Segments that share the file's bytes could ask for any amount of memory.
    private readonly void RefuseTooMuch(List<FilePart> parts, string noun)
    {
        var total = parts.Sum(x => (long)x.Length);
        if (total > _file.Length)
        {
            throw Malformed(
                $"its {noun}s together take {total} bytes, more than the whole file has", 0, $"at most {_file.Length} bytes");
        }
    }

    private readonly void WarnAboutRam(List<FilePart> parts, string noun)
    {
        foreach (var part in parts)
        {
            if (Ram.Any(x => x.Contains(part.Address)) && _warnings.HasRoom())
            {
                _warnings.Add(
                    $"{noun} {part.Number}: {part.Length} bytes are to be loaded at 0x{part.Address:X8}, which is RAM; "
                    + "a linker script without AT> makes files like this");
            }
        }
    }

    private readonly ElfInfo Describe()
    {
        // Only the first section of a name counts: thousands may share one content.
        const int MostContent = 64 << 10;
        var (seenComment, seenAttributes, seenNote) = (false, false, false);
        var info = new ElfInfo { IsHardFloat = (Word(36) & 0x400) != 0, BuildId = BuildIdInSegments() };
        var names = Names();
        for (var i = 0; i < _sectionCount; i++)
        {
            var section = Section(i);
            if (section.Type == NoBits || section.NameOffset >= names.Length || (long)section.Offset + section.Size > _file.Length)
            {
                continue;
            }

            var name = names[(int)section.NameOffset..];
            var content = _file.Slice((int)section.Offset, (int)Math.Min(section.Size, MostContent));
            if (!seenComment && name.StartsWith(".comment\0"u8))
            {
                seenComment = true;
                info = info with { Toolchain = Toolchain(content) };
            }
            else if (!seenAttributes && name.StartsWith(".ARM.attributes\0"u8))
            {
                seenAttributes = true;
                info = info with { Architecture = ElfAttributes.Architecture(content) };
            }
            else if (!seenNote && name.StartsWith(".note.gnu.build-id\0"u8))
            {
                seenNote = true;
                info = info with { BuildId = info.BuildId ?? BuildId(content) };
            }
            else if (!info.HasDebugInfo && name.StartsWith(".debug_info\0"u8))
            {
                info = info with { HasDebugInfo = true };
            }
        }

        return info;
    }

    private readonly ReadOnlySpan<byte> Names()
    {
        var index = BinaryPrimitives.ReadUInt16LittleEndian(_file[50..]);
        if (index >= _sectionCount)
        {
            return [];
        }

        var section = Section(index);
        return (long)section.Offset + section.Size > _file.Length ? [] : _file.Slice((int)section.Offset, (int)section.Size);
    }

    private readonly string? BuildIdInSegments()
    {
        const uint Note = 4;
        const int MostSegments = 64;
        for (var i = 0; i < Math.Min(_segmentCount, MostSegments); i++)
        {
            var header = _segments + (i * _segmentSize);
            var (offset, size) = (Word(header + 4), Word(header + 16));
            if (Word(header) == Note && (long)offset + size <= _file.Length && BuildId(_file.Slice((int)offset, (int)size)) is { } id)
            {
                return id;
            }
        }

        return null;
    }

    private static string? BuildId(ReadOnlySpan<byte> notes)
    {
        // A note: the sizes of its name and its content, its type, then both, each filled up to a word.
        const uint BuildIdType = 3;
        const int LongestId = 64;
        const int MostNotes = 16;
        for (var i = 0; i < MostNotes && notes.Length >= 16; i++)
        {
            var nameSize = ((long)BinaryPrimitives.ReadUInt32LittleEndian(notes) + 3) & ~3L;
            var size = BinaryPrimitives.ReadUInt32LittleEndian(notes[4..]);
            var next = 12 + nameSize + (((long)size + 3) & ~3L);
            if (12 + nameSize + size > notes.Length)
            {
                return null;
            }

            if (BinaryPrimitives.ReadUInt32LittleEndian(notes[8..]) == BuildIdType && nameSize == 4 && notes[12..].StartsWith("GNU\0"u8)
                && size is > 0 and <= LongestId)
            {
                return Convert.ToHexStringLower(notes.Slice(16, (int)size));
            }

            notes = notes[(int)Math.Min(next, notes.Length)..];
        }

        return null;
    }

    private static string? Toolchain(ReadOnlySpan<byte> comment)
    {
        const int Longest = 120;
        var end = comment.IndexOfAnyExcept((byte)0);
        if (end < 0)
        {
            return null;
        }

        var text = comment[end..];
        end = text.IndexOfAny((byte)0, (byte)'\n');
        text = text[..Math.Min(end < 0 ? text.Length : end, Longest)];
        return text.IsEmpty ? null : PrintableText.From(text).Trim();
    }

    private readonly SectionHeader Section(int index)
    {
        var header = _sections + (index * _sectionSize);
        return new SectionHeader(Word(header), Word(header + 4), Word(header + 8), Word(header + 12), Word(header + 16), Word(header + 20));
    }

    private readonly uint Word(int offset) => BinaryPrimitives.ReadUInt32LittleEndian(_file[offset..]);

    private static FirmwareFormatException Malformed(string reason, int offset, string expected) =>
        new(FirmwareFormatErrorKind.Malformed, reason, GetAgain, expected, offset);

    private readonly record struct SectionHeader(uint NameOffset, uint Type, uint Flags, uint Address, uint Offset, uint Size)
    {
        // Type 0 is an unused entry.
        public bool TakesPart => Type is not (0 or NoBits) && (Flags & Allocated) != 0 && Size > 0;
    }
}
