using System.Buffers.Binary;
using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Walks a DfuSe file: prefix, targets, elements, suffix (UM0391, section 2).</summary>
internal ref struct DfuSeReader
{
    private const string GetAgain = "the file is damaged: download it again, or build it again";
    private readonly ReadOnlySpan<byte> _file;
    private readonly int _end;
    private readonly FileAllowances _allow;
    private readonly Warnings _warnings = new();
    private readonly FirmwareImageBuilder _image;
    private int _position;

    private DfuSeReader(ReadOnlySpan<byte> file, int end, FileAllowances allow)
    {
        _file = file;
        _allow = allow;
        _end = end;
        _image = new FirmwareImageBuilder(end);
    }

    public static bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith("DfuSe"u8);

    public static FirmwareFile Read(ReadOnlySpan<byte> file, FileAllowances allow)
    {
        CheckPrefix(file);
        var suffix = DfuSuffix.TryRead(file, out var suffixLength);
        var reader = new DfuSeReader(file, file.Length - suffixLength, allow);
        suffix?.CheckCrc(file.Length, allow, reader._warnings);
        return reader.Read(suffix, suffixLength);
    }

    private static void CheckPrefix(ReadOnlySpan<byte> file)
    {
        if (!Recognizes(file))
        {
            throw Malformed("the file does not start with \"DfuSe\", so it is no DfuSe file", "\"DfuSe\"", 0);
        }

        if (file.Length < DfuSeFormat.PrefixSize)
        {
            throw Malformed(
                $"the file ends at offset 0x{file.Length:X}, inside the prefix of {DfuSeFormat.PrefixSize} bytes",
                $"{DfuSeFormat.PrefixSize} bytes",
                file.Length);
        }

        if (file[5] != 1)
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Malformed,
                $"the file follows version {file[5]} of DfuSe's format, by offset 0x5; only version 1 is known",
                "build the file again for version 1",
                "1",
                5);
        }

        if (file[10] == 0)
        {
            throw Malformed("the file says at offset 0xA that it holds no target", "1 to 255 targets", 10);
        }
    }

    private FirmwareFile Read(DfuSuffix? suffix, int suffixLength)
    {
        var targets = ReadTargets();
        if (suffix is null)
        {
            suffix = FindSuffix();
        }
        else
        {
            WarnAboutSuffix(suffix, suffixLength);
        }

        CheckLeftover();
        if (_image.ByteCount == 0)
        {
            throw FirmwareFile.NoData();
        }

        return new FirmwareFile(FirmwareFormat.DfuSe, Build())
        {
            Suffix = suffix,
            Targets = targets,
            Warnings = _warnings.ToImmutable(),
        };
    }

    // What a download or an editor added at the end hides the suffix, which then stands where the elements end.
    private DfuSuffix? FindSuffix()
    {
        var end = _position + DfuSuffix.Size;
        if (end > _file.Length || DfuSuffix.TryRead(_file[..end], out var length) is not { } suffix || length != DfuSuffix.Size)
        {
            RefuseMissingSuffix();
            if (end > _file.Length && _position < _end)
            {
                _warnings.Add($"offset 0x{_position:X}: {_end - _position} bytes, as of a suffix that is cut off, are ignored");
                _position = _end;
            }

            return null;
        }

        suffix.CheckCrc(end, _allow, _warnings);
        _position = end;
        WarnAboutVersion(suffix, end);
        return suffix;
    }

    private readonly void CheckLeftover()
    {
        var left = _end - _position;
        if (left == 0)
        {
            return;
        }

        if (!_allow.HasFlag(FileAllowances.Trailing))
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Trailing,
                $"offset 0x{_position:X}: {PrintableText.Count(left, "byte")} after the last element, belonging to nothing",
                GetAgain,
                "the file's end",
                _position);
        }

        _warnings.Add($"offset 0x{_position:X}: {left} bytes after the last element are ignored");
    }

    private readonly void RefuseMissingSuffix()
    {
        if (!_allow.HasFlag(FileAllowances.Crc))
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Crc,
                $"the file has no DFU suffix at its end, offset 0x{_file.Length:X}, so nothing shows that its bytes are whole",
                "download it again: the end may be cut off or overwritten",
                $"a suffix of {DfuSuffix.Size} bytes with \"UFD\" and a CRC",
                _file.Length);
        }

        _warnings.Add($"offset 0x{_position:X}: the file has no DFU suffix, so no CRC vouches for its bytes");
    }

    private readonly void WarnAboutSuffix(DfuSuffix suffix, int length)
    {
        if (length != DfuSuffix.Size)
        {
            _warnings.Add($"offset 0x{_file.Length - 5:X}: the suffix says that it takes {length} bytes, not {DfuSuffix.Size}");
        }

        WarnAboutVersion(suffix, _file.Length);
    }

    private readonly void WarnAboutVersion(DfuSuffix suffix, int end)
    {
        if (suffix.DfuVersion != DfuSuffix.DfuSeVersion)
        {
            _warnings.Add($"offset 0x{end - 10:X}: the suffix names DFU version 0x{suffix.DfuVersion:X4}, where DfuSe files have 0x011A");
        }
    }

    private ImmutableArray<DfuSeTarget> ReadTargets()
    {
        var count = _file[10];
        var targets = ImmutableArray.CreateBuilder<DfuSeTarget>(count);
        _position = DfuSeFormat.PrefixSize;
        for (var i = 0; i < count; i++)
        {
            targets.Add(ReadTarget(i));
        }

        return targets.MoveToImmutable();
    }

    private DfuSeTarget ReadTarget(int index)
    {
        var start = _position;
        if (_end - start < DfuSeFormat.TargetHeaderSize)
        {
            throw Malformed(
                $"target {index}'s header at offset 0x{start:X} takes {DfuSeFormat.TargetHeaderSize} bytes, but only {_end - start} are left",
                $"{DfuSeFormat.TargetHeaderSize} bytes",
                start);
        }

        var header = _file.Slice(start, DfuSeFormat.TargetHeaderSize);
        if (!header.StartsWith("Target"u8))
        {
            throw Malformed($"target {index} does not start with \"Target\" at offset 0x{start:X}", "\"Target\"", start);
        }

        _position += DfuSeFormat.TargetHeaderSize;
        var size = BinaryPrimitives.ReadUInt32LittleEndian(header[266..]);
        var count = BinaryPrimitives.ReadUInt32LittleEndian(header[270..]);
        var elements = ReadElements(index, count);
        var taken = _position - start - DfuSeFormat.TargetHeaderSize;
        if (size != taken && _warnings.HasRoom())
        {
            _warnings.Add($"offset 0x{start + 266:X}: target {index} says that it takes {size} bytes, but its elements take {taken}");
        }

        return new DfuSeTarget(header[6], ReadName(header), elements);
    }

    private ImmutableArray<AddressRange> ReadElements(int target, uint count)
    {
        // An element takes 8 bytes at least, whatever the count says, and so the file's size bounds the memory.
        var elements = ImmutableArray.CreateBuilder<AddressRange>(
            (int)Math.Min(count, (_end - _position) / DfuSeFormat.ElementHeaderSize));
        for (var i = 0u; i < count; i++)
        {
            var start = _position;
            if (_end - start < DfuSeFormat.ElementHeaderSize)
            {
                throw Malformed(
                    $"target {target} announces {count} elements, but the file's data end at offset 0x{_end:X}, after {i} of them",
                    $"{count} elements",
                    start);
            }

            var address = BinaryPrimitives.ReadUInt32LittleEndian(_file[start..]);
            var size = BinaryPrimitives.ReadUInt32LittleEndian(_file[(start + 4)..]);
            _position += DfuSeFormat.ElementHeaderSize;
            if (size > _end - _position)
            {
                throw Malformed(
                    $"element {i} of target {target} at offset 0x{start:X} takes {size} bytes, but only {_end - _position} are left",
                    $"at most {_end - _position} bytes",
                    start + 4);
            }

            if (size > AddressRange.AddressSpaceEnd - address)
            {
                throw new FirmwareFormatException(
                    FirmwareFormatErrorKind.Malformed,
                    $"element {i} of target {target} at offset 0x{start:X}, {size} bytes from 0x{address:X8}, would end past 0xFFFFFFFF",
                    "build the file again with the right address",
                    "bytes that end at 0xFFFFFFFF or before",
                    start,
                    address: address);
            }

            if (size == 0)
            {
                if (_warnings.HasRoom())
                {
                    _warnings.Add($"offset 0x{start:X}: element {i} of target {target} is empty");
                }

                continue;
            }

            elements.Add(new AddressRange(address, size));
            _image.Add(address, _file.Slice(_position, (int)size));
            _position += (int)size;
        }

        return elements.DrainToImmutable();
    }

    private static string? ReadName(ReadOnlySpan<byte> header)
    {
        if (BinaryPrimitives.ReadUInt32LittleEndian(header[7..]) == 0)
        {
            return null;
        }

        var name = header.Slice(11, DfuSeFormat.NameSize);
        var end = name.IndexOf((byte)0);
        return end == 0 ? null : PrintableText.From(end < 0 ? name : name[..end]);
    }

    private readonly FirmwareImage Build()
    {
        try
        {
            return _image.Build();
        }
        catch (ImageConflictException conflict)
        {
            throw Locate(conflict.Address!.Value) ?? conflict;
        }
    }

    // The builder joins neighbours, so the elements that disagree are looked up in the file again.
    private readonly ImageConflictException? Locate(uint address)
    {
        (AddressRange Range, byte Value, string Origin)? first = null;
        var position = DfuSeFormat.PrefixSize;
        for (var target = 0; target < _file[10]; target++)
        {
            var count = BinaryPrimitives.ReadUInt32LittleEndian(_file[(position + 270)..]);
            position += DfuSeFormat.TargetHeaderSize;
            for (var i = 0u; i < count; i++)
            {
                var start = BinaryPrimitives.ReadUInt32LittleEndian(_file[position..]);
                var size = (int)BinaryPrimitives.ReadUInt32LittleEndian(_file[(position + 4)..]);
                if (address >= start && address - start < size)
                {
                    var value = _file[position + DfuSeFormat.ElementHeaderSize + (int)(address - start)];
                    var element = (Range: new AddressRange(start, size), value, $"element {i} of target {target}, offset 0x{position:X}");
                    if (first is { } earlier && earlier.Value != value)
                    {
                        return new ImageConflictException(
                            earlier.Range, element.Range, address, earlier.Value, value, earlier.Origin, element.Item3);
                    }

                    first ??= element;
                }

                position += DfuSeFormat.ElementHeaderSize + size;
            }
        }

        return null;
    }

    private static FirmwareFormatException Malformed(string reason, string expected, int offset) =>
        new(FirmwareFormatErrorKind.Malformed, reason, GetAgain, expected, offset);
}
