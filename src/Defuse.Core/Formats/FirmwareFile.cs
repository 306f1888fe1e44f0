using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>A firmware file, opened: the image, and what the file says about it.</summary>
/// <remarks>Immutable. It holds a copy of the bytes that it was made from.</remarks>
public sealed class FirmwareFile
{
    internal FirmwareFile(FirmwareFormat format, FirmwareImage image)
    {
        Format = format;
        Image = image;
    }

    /// <summary>The file's format.</summary>
    public FirmwareFormat Format { get; }

    /// <summary>What the file holds; a raw binary that has no address yet starts at 0.</summary>
    public FirmwareImage Image { get; }

    /// <summary>Whether the file does not say where its bytes belong, and nobody has said so with <see cref="At"/>.</summary>
    public bool NeedsAddress { get; internal init; }

    /// <summary>
    /// Where execution starts, as a HEX file says with a record of type 05 or 03, and an S-record file with S7, S8 or S9 (where 0
    /// means that it is not known); otherwise null.
    /// </summary>
    public uint? EntryPoint { get; internal init; }

    /// <summary>What an S-record file says about itself in its first S0 record, as printable text; otherwise null.</summary>
    public string? Header { get; internal init; }

    /// <summary>The DFU suffix; null if the file has none.</summary>
    public DfuSuffix? Suffix { get; internal init; }

    /// <summary>The targets of a DfuSe file, in its order; empty for other formats.</summary>
    public ImmutableArray<DfuSeTarget> Targets { get; internal init; } = [];

    /// <summary>Oddities that were tolerated, in plain words, each with its place.</summary>
    public ImmutableArray<string> Warnings { get; internal init; } = [];

    /// <summary>Opens a firmware file. Its format is told by the content alone.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <param name="options">What to let pass; nothing when null.</param>
    /// <exception cref="FirmwareFormatException">It is damaged, or not firmware; the words say which, and where.</exception>
    /// <exception cref="ImageConflictException">Two of its parts want different bytes at one address.</exception>
    public static FirmwareFile Parse(ReadOnlyMemory<byte> bytes, FirmwareReadOptions? options = null) =>
        Parse(bytes, options ?? new FirmwareReadOptions(), isOwned: false);

    /// <summary>Opens a firmware file from a stream; text formats without having the text in memory.</summary>
    /// <param name="stream">Read from where it stands to its end, and left open. If it can seek, errors may be told more precisely.</param>
    /// <param name="options">What to let pass; nothing when null.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="FirmwareFormatException">
    /// It is damaged, or not firmware, or larger than <see cref="BinaryFormat.MaxSize"/>; the words say which, and where.
    /// </exception>
    /// <exception cref="ImageConflictException">Two of its parts want different bytes at one address.</exception>
    public static ValueTask<FirmwareFile> ReadAsync(
        Stream stream, FirmwareReadOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        return FirmwareStream.ReadAsync(stream, options ?? new FirmwareReadOptions(), cancellationToken);
    }

    internal static FirmwareFile Parse(ReadOnlyMemory<byte> bytes, FirmwareReadOptions options, bool isOwned)
    {
        var file = bytes.Span;
        var looksLike = Recognize(file);
        var format = options.Format ?? looksLike;
        var foreign = looksLike == FirmwareFormat.Binary ? ForeignContent.Recognize(file) : null;
        if (foreign is not null && !options.Allow.HasFlag(FileAllowances.Image) && !(options.AllowText && foreign.IsPlainText))
        {
            throw foreign.ToException();
        }

        return format switch
        {
            FirmwareFormat.DfuSe => DfuSeReader.Read(file, options.Allow.HasFlag(FileAllowances.Crc)),
            FirmwareFormat.IntelHex or FirmwareFormat.SRecord or FirmwareFormat.TiText => TextFormats.Read(format, file, options.Allow),
            FirmwareFormat.Binary => ReadBinary(isOwned ? bytes : file.ToArray(), foreign?.Name ?? Describe(looksLike)),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Format, "There is no such format."),
        };
    }

    /// <summary>Makes a file of an image.</summary>
    /// <param name="format">The file's format.</param>
    /// <param name="image">What it is to hold; not empty.</param>
    /// <param name="options">What it is to say besides.</param>
    /// <exception cref="ArgumentException">The image is empty, or the options ask for what the format cannot say.</exception>
    /// <exception cref="FirmwareFormatException">The image does not fit the format.</exception>
    public static byte[] Write(FirmwareFormat format, FirmwareImage image, FirmwareWriteOptions? options = null)
    {
        options ??= new FirmwareWriteOptions();
        return format switch
        {
            FirmwareFormat.DfuSe => DfuSeFormat.Write(image, options.DfuSe),
            FirmwareFormat.IntelHex => IntelHexFormat.Write(image, options.EntryPoint),
            FirmwareFormat.SRecord => SRecordFormat.Write(image, options.Header, options.EntryPoint),
            FirmwareFormat.Binary => BinaryFormat.Write(image, options.Fill),
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such format."),
        };
    }

    /// <summary>Writes a file to a stream; HEX, S-record and raw binary without having the file in memory.</summary>
    /// <param name="stream">Where to; left open.</param>
    /// <param name="format">The file's format.</param>
    /// <param name="image">What it is to hold; not empty.</param>
    /// <param name="options">What it is to say besides.</param>
    /// <param name="cancellationToken">Stops the writing, in the middle of the file.</param>
    /// <exception cref="ArgumentException">The image is empty, or the options ask for what the format cannot say.</exception>
    /// <exception cref="FirmwareFormatException">The image does not fit the format.</exception>
    public static ValueTask WriteAsync(
        Stream stream,
        FirmwareFormat format,
        FirmwareImage image,
        FirmwareWriteOptions? options = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(stream);
        options ??= new FirmwareWriteOptions();
        return format switch
        {
            FirmwareFormat.IntelHex => FirmwareStream.WriteAsync(
                stream, new IntelHexWriter(image, options.EntryPoint, IntelHexFormat.BytesPerRecord), cancellationToken),
            FirmwareFormat.SRecord => FirmwareStream.WriteAsync(
                stream, new SRecordWriter(image, options.Header, options.EntryPoint, SRecordFormat.BytesPerRecord), cancellationToken),
            FirmwareFormat.Binary => FirmwareStream.WriteBinaryAsync(stream, image, options.Fill, cancellationToken),
            _ => stream.WriteAsync(Write(format, image, options), cancellationToken),
        };
    }

    /// <summary>The same raw binary, with its first byte at an address.</summary>
    /// <param name="address">Where the first byte belongs.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bytes would leave the address space.</exception>
    /// <exception cref="InvalidOperationException">The format is one that carries addresses.</exception>
    public FirmwareFile At(uint address)
    {
        if (Format != FirmwareFormat.Binary)
        {
            throw new InvalidOperationException($"{Describe(Format)} says by itself where its bytes belong.");
        }

        if (Image.ByteCount > AddressRange.AddressSpaceEnd - address)
        {
            throw new ArgumentOutOfRangeException(
                nameof(address), address, $"{Image.ByteCount} bytes at 0x{address:X8} would end past 0xFFFFFFFF.");
        }

        var image = Image.IsEmpty ? Image : new FirmwareImage([new ImageSegment(address, Image.Segments[0].Data)]);
        return new FirmwareFile(Format, image) { Warnings = Warnings };
    }

    internal static FirmwareFormatException NoData(int? line = null) => new(
        FirmwareFormatErrorKind.Malformed,
        "the file is well formed, but holds no bytes to write",
        "build it again, or get another",
        line: line);

    internal static void RefuseEmpty(FirmwareImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (image.IsEmpty)
        {
            throw new ArgumentException("An empty image makes no firmware file.", nameof(image));
        }
    }

    private static FirmwareFormat Recognize(ReadOnlySpan<byte> file)
    {
        if (DfuSeReader.Recognizes(file))
        {
            return FirmwareFormat.DfuSe;
        }

        return TextFormats.Recognize(file) ?? FirmwareFormat.Binary;
    }

    private static string? Describe(FirmwareFormat format) => format switch
    {
        FirmwareFormat.DfuSe => "a DfuSe file",
        FirmwareFormat.IntelHex => "an Intel HEX file",
        FirmwareFormat.SRecord => "a Motorola S-record file",
        FirmwareFormat.TiText => "a TI-TXT file",
        _ => null,
    };

    private static FirmwareFile ReadBinary(ReadOnlyMemory<byte> file, string? lookalike) =>
        new(FirmwareFormat.Binary, file.IsEmpty ? FirmwareImage.Empty : new FirmwareImage([new ImageSegment(0, file)]))
        {
            NeedsAddress = true,
            Warnings = lookalike is null ? [] : [$"the file is {lookalike}; its bytes are taken as they are"],
        };
}
