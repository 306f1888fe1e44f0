using System.Buffers;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>Reads a text format piece by piece; what comes out does not depend on where the pieces are cut.</summary>
/// <remarks>
/// What follows an end, where it is let pass, is taken for another file behind the first: addresses and counts start again.
/// </remarks>
internal abstract class TextParser
{
    /// <summary>How far ahead a decision may look; longer than any record. A piece is read up to so many bytes from its end.</summary>
    public const int Window = 1024;

    private const string GetAgain = "the file is damaged: download it again, or build it again";

    // What editors, DOS and flash dumps leave behind the last line.
    private static readonly SearchValues<byte> Padding = SearchValues.Create("\0\u001A"u8);

    private readonly FirmwareFormat _format;
    private readonly FileAllowances _allow;
    private readonly ConflictSearch? _search;
    private int _lastLine = 1;
    private int _endLine;
    private bool _ignoresRest;

    /// <param name="format">The format.</param>
    /// <param name="allow">What to let pass.</param>
    /// <param name="capacity">How many bytes the image will have at most, if that is known.</param>
    /// <param name="search">Looks at the data in the image's place, to find again what disagreed; null to make an image.</param>
    protected TextParser(FirmwareFormat format, FileAllowances allow, int capacity, ConflictSearch? search)
    {
        _format = format;
        _allow = allow;
        _search = search;
        Image = new FirmwareImageBuilder(search is null && capacity > 0 ? capacity + Window : 0);
    }

    /// <summary>What has been read.</summary>
    protected FirmwareImageBuilder Image { get; }

    protected Warnings Warnings { get; } = new();

    /// <summary>The line that is being read, from 1; lines end with CR, LF or both.</summary>
    protected int Line { get; set; } = 1;

    /// <summary>Where the text that is being read stands in the file.</summary>
    protected long Position { get; private set; }

    /// <summary>What the file says of where execution starts.</summary>
    protected uint? EntryPoint { get; set; }

    /// <summary>What the file says about itself.</summary>
    protected string? Header { get; set; }

    /// <summary>What the format calls its end, with an article, and what it looks like.</summary>
    protected abstract (string Name, string Text) End { get; }

    /// <summary>Reads on.</summary>
    /// <param name="text">All that was left over the last time, and what follows it.</param>
    /// <param name="isLast">Whether nothing follows; otherwise up to <see cref="Window"/> bytes are left over.</param>
    /// <returns>How many bytes are done with.</returns>
    public int Push(ReadOnlySpan<byte> text, bool isLast)
    {
        var rest = text;
        while (!rest.IsEmpty && (isLast || rest.Length >= Window))
        {
            var taken = rest.Length;
            if (!_ignoresRest)
            {
                taken = _endLine == 0 && _search is null ? ReadPlain(rest) : 0;
                if (taken == 0)
                {
                    taken = ReadNext(rest[..Math.Min(rest.Length, Window)]);
                }
                else
                {
                    _lastLine = Line - 1;
                }
            }

            Position += taken;
            rest = rest[taken..];
        }

        return text.Length - rest.Length;
    }

    /// <summary>The file, after its last piece.</summary>
    public FirmwareFile Finish()
    {
        if (_endLine == 0)
        {
            MissEnd();
        }

        if (Image.ByteCount == 0)
        {
            throw FirmwareFile.NoData(_lastLine);
        }

        return new FirmwareFile(_format, Image.Build())
        {
            EntryPoint = EntryPoint,
            Header = Header,
            Warnings = Warnings.ToImmutable(),
        };
    }

    /// <summary>Reads ahead as long as the text is of the plainest kind and a window of it is left.</summary>
    /// <returns>How many bytes were read, whole lines; 0 to have <see cref="ReadItem"/> look at what is there.</returns>
    protected abstract int ReadPlain(ReadOnlySpan<byte> text);

    /// <summary>Reads a record, or whatever the format is made of.</summary>
    /// <param name="text">From its first character, up to a window of what follows.</param>
    /// <returns>How many bytes were read.</returns>
    protected abstract int ReadItem(ReadOnlySpan<byte> text);

    /// <summary>Whether something of the format stands here, whole, and whether it is the end of a file.</summary>
    protected abstract bool IsItem(ReadOnlySpan<byte> text, out bool isEnd);

    /// <summary>Starts again, for what follows an end.</summary>
    protected abstract void Restart();

    /// <summary>Whether something else than the end shows that nothing is missing.</summary>
    protected virtual bool IsWholeWithoutEnd => false;

    protected void AddData(uint address, ReadOnlySpan<byte> data)
    {
        if (_search is null)
        {
            Image.Add(address, data);
        }
        else if (!data.IsEmpty)
        {
            _search.Look(address, data, Line);
        }
    }

    protected void TakeEntryPoint(uint entry)
    {
        if (EntryPoint is { } earlier && earlier != entry && Warnings.HasRoom())
        {
            Warnings.Add($"line {Line}: a second start address, 0x{entry:X8}, replaces 0x{earlier:X8}");
        }

        EntryPoint = entry;
    }

    protected void TakeEnd() => _endLine = Line;

    /// <summary>Whether something is let pass and has been told often enough, so that it takes no more words.</summary>
    protected bool PassesInSilence(FileAllowances allowance) => _allow.HasFlag(allowance) && !Warnings.HasRoom();

    /// <summary>Refuses, or warns if it is let pass; what <see cref="PassesInSilence"/> does not come here.</summary>
    protected void Object(
        FirmwareFormatErrorKind kind, FileAllowances allowance, string reason, string remedy, string expected, string? allowed = null)
    {
        reason = $"line {Line}: {reason}";
        if (!_allow.HasFlag(allowance))
        {
            throw new FirmwareFormatException(kind, reason, remedy, expected, Position, Line);
        }

        Warnings.Add(allowed is null ? reason : $"{reason}; {allowed}");
    }

    protected void ObjectToChecksum(byte found, byte expected)
    {
        if (!PassesInSilence(FileAllowances.Crc))
        {
            Object(
                FirmwareFormatErrorKind.Crc,
                FileAllowances.Crc,
                $"the checksum is {found:X2}, but the record's bytes give {expected:X2}",
                GetAgain,
                $"{expected:X2}");
        }
    }

    protected FirmwareFormatException Malformed(string reason, string expected, uint? address = null) => new(
        FirmwareFormatErrorKind.Malformed, $"line {Line}: {reason}", GetAgain, expected, Position, Line, address);

    protected FirmwareFormatException PastAddressSpace(int length, long address) => Malformed(
        $"{length} bytes from 0x{address:X8} would end past 0xFFFFFFFF",
        "bytes that end at 0xFFFFFFFF or before",
        address < AddressRange.AddressSpaceEnd ? (uint)address : null);

    private int ReadNext(ReadOnlySpan<byte> text)
    {
        switch (text[0])
        {
            case (byte)'\n' or (byte)'\r':
                Line++;
                return text.StartsWith("\r\n"u8) ? 2 : 1;
            case (byte)' ' or (byte)'\t':
                var end = text.IndexOfAnyExcept((byte)' ', (byte)'\t');
                return end < 0 ? text.Length : end;
            case 0xEF when Position == 0 && text.StartsWith(ForeignContent.ByteOrderMark):
                return ForeignContent.ByteOrderMark.Length;
        }

        if (_endLine != 0)
        {
            return ReadBehindEnd(text);
        }

        _lastLine = Line;
        return ReadItem(text);
    }

    private int ReadBehindEnd(ReadOnlySpan<byte> text)
    {
        var padding = text.IndexOfAnyExcept(Padding);
        if (padding != 0)
        {
            return padding < 0 ? text.Length : padding;
        }

        if (!IsItem(text, out var isEnd))
        {
            _ignoresRest = true;
            if (PassesInSilence(FileAllowances.Trailing))
            {
                return text.Length;
            }

            Object(
                FirmwareFormatErrorKind.Trailing,
                FileAllowances.Trailing,
                $"{PrintableText.Quote(text[0])} follows {End.Name} in line {_endLine}, where nothing belongs",
                "something was added to the file: download it again, or build it again",
                "the end of the file",
                "it is ignored, with all that follows it");
            return text.Length;
        }

        if (!isEnd && !PassesInSilence(FileAllowances.Eof))
        {
            Object(
                FirmwareFormatErrorKind.Eof,
                FileAllowances.Eof,
                $"the file goes on after {End.Name} in line {_endLine}",
                "the file is two files in one, or was put together wrongly: give the one that you want, or build it again",
                "the end of the file",
                "what follows is taken in, as another file behind the first");
        }

        // An end again is read as one: it may name a start, and harms nothing.
        _endLine = 0;
        Restart();
        return 0;
    }

    private void MissEnd()
    {
        Line = _lastLine;
        if (IsWholeWithoutEnd)
        {
            return;
        }

        var words = $"the file ends at line {_lastLine} without {End.Name}, so some of it is probably missing";
        if (!_allow.HasFlag(FileAllowances.Eof))
        {
            throw new FirmwareFormatException(
                FirmwareFormatErrorKind.Eof, words, "download or copy the file again: it was cut short", End.Text, Position, _lastLine);
        }

        Warnings.Add(words);
    }
}
