using Defuse.Images;

namespace Defuse.Formats;

/// <summary>The formats that are text: which one a file is, and who reads it.</summary>
internal static class TextFormats
{
    /// <summary>How much of a file is looked at to recognize it.</summary>
    public const int HeadSize = 64 << 10;

    /// <summary>The text format of a file, by its first <see cref="HeadSize"/> bytes; null if it is none.</summary>
    public static FirmwareFormat? Recognize(ReadOnlySpan<byte> file)
    {
        var head = file[..Math.Min(file.Length, HeadSize)];
        if (IntelHexParser.Recognizes(head))
        {
            return FirmwareFormat.IntelHex;
        }

        if (SRecordParser.Recognizes(head))
        {
            return FirmwareFormat.SRecord;
        }

        return TiTextParser.Recognizes(head) ? FirmwareFormat.TiText : null;
    }

    public static bool IsText(FirmwareFormat format) =>
        format is FirmwareFormat.IntelHex or FirmwareFormat.SRecord or FirmwareFormat.TiText;

    /// <summary>A parser.</summary>
    /// <param name="format">One of the text formats.</param>
    /// <param name="allow">What to let pass.</param>
    /// <param name="textLength">How long the text is, if that is known.</param>
    /// <param name="search">To look for something in place of making an image.</param>
    public static TextParser Parser(FirmwareFormat format, FileAllowances allow, int textLength = 0, ConflictSearch? search = null) => format switch
    {
        FirmwareFormat.IntelHex => new IntelHexParser(allow, textLength / 2, search),
        FirmwareFormat.SRecord => new SRecordParser(allow, textLength / 2, search),
        _ => new TiTextParser(allow, textLength / 2, search),
    };

    public static FirmwareFile Read(FirmwareFormat format, ReadOnlySpan<byte> text, FileAllowances allow)
    {
        var parser = Parser(format, allow, text.Length);
        parser.Push(text, isLast: true);
        try
        {
            return parser.Finish();
        }
        catch (ImageConflictException conflict)
        {
            // The image joins neighbours, so the records that disagree are looked up in the text again.
            var search = new ConflictSearch(conflict.Address!.Value);
            Parser(format, allow, search: search).Push(text, isLast: true);
            throw search.Found ?? conflict;
        }
    }
}
