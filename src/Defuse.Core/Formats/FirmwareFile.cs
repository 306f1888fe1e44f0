using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>A firmware file, opened: the image, and what the file says about it.</summary>
/// <remarks>Immutable. It holds a copy of the bytes that it was made from.</remarks>
public sealed class FirmwareFile
{
    // Nobody but this class changes a file, and that only before it is given away.
    private bool _wasPlaced;

    internal FirmwareFile(FirmwareFormat format, FirmwareImage image)
    {
        Format = format;
        Image = image;
    }

    /// <summary>The file's format.</summary>
    public FirmwareFormat Format { get; }

    /// <summary>What the file holds; a raw binary that has no address yet starts at 0.</summary>
    public FirmwareImage Image { get; private set; }

    /// <summary>Whether the file does not say where its bytes belong, and nobody has said so with <see cref="At"/>.</summary>
    public bool NeedsAddress { get; internal set; }

    /// <summary>
    /// Where execution starts, as a HEX file says with a record of type 05 or 03, an S-record file with S7, S8 or S9 (where 0
    /// means that it is not known), and an ELF file in its header; otherwise null.
    /// </summary>
    public uint? EntryPoint { get; internal init; }

    /// <summary>What an S-record file says about itself in its first S0 record, as printable text; otherwise null.</summary>
    public string? Header { get; internal init; }

    /// <summary>The DFU suffix; null if the file has none.</summary>
    public DfuSuffix? Suffix { get; internal init; }

    /// <summary>The targets of a DfuSe file, in its order; empty for other formats.</summary>
    public ImmutableArray<DfuSeTarget> Targets { get; internal init; } = [];

    /// <summary>What an ELF file says of its program; null for other formats.</summary>
    public ElfInfo? Elf { get; internal init; }

    /// <summary>What a UF2 file says beside the bytes; null for other formats.</summary>
    public Uf2Info? Uf2 { get; internal init; }

    /// <summary>The archive that the file came out of; null if it came as it is. All else is said of the file inside.</summary>
    public FirmwareContainer? Container { get; private set; }

    /// <summary>Oddities that were tolerated, in plain words, each with its place.</summary>
    public ImmutableArray<string> Warnings { get; internal set; } = [];

    /// <summary>Opens a firmware file. Its format is told by the content alone; out of a gzip or zip archive the one firmware file is taken.</summary>
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
        var anyContent = options.Allow.HasFlag(FileAllowances.Image);
        var isGzip = GzipReader.Recognizes(bytes.Span);
        if (!(isGzip || ZipReader.Recognizes(bytes.Span)) || (anyContent && options.Format == FirmwareFormat.Binary))
        {
            return ParseContent(bytes, options, isOwned);
        }

        var (member, foreign) = isGzip ? GzipReader.Read(bytes, options.Allow) : ZipReader.Read(bytes, options.Allow, IsFirmware);
        return member is not null ? ParseMember(member, options)
            : anyContent ? ReadBinary(isOwned ? bytes : bytes.ToArray(), foreign!.Name)
            : throw foreign!.ToException();
    }

    /// <summary>Makes a file of an image.</summary>
    /// <param name="format">The file's format.</param>
    /// <param name="image">What it is to hold; not empty.</param>
    /// <param name="options">What it is to say besides.</param>
    /// <exception cref="ArgumentException">The image is empty, the options ask for what the format cannot say, or the format is one that is only read (ELF).</exception>
    /// <exception cref="FirmwareFormatException">The image does not fit the format.</exception>
    public static byte[] Write(FirmwareFormat format, FirmwareImage image, FirmwareWriteOptions? options = null)
    {
        options ??= new FirmwareWriteOptions();
        return format switch
        {
            FirmwareFormat.DfuSe => DfuSeFormat.Write(image, options.DfuSe),
            FirmwareFormat.Dfu => DfuFormat.Write(image, options.DfuSe, options.Fill),
            FirmwareFormat.IntelHex => IntelHexFormat.Write(image, options.EntryPoint),
            FirmwareFormat.SRecord => SRecordFormat.Write(image, options.Header, options.EntryPoint),
            FirmwareFormat.Uf2 => Uf2Format.Write(image, options.Uf2Family, options.Fill),
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
    /// <exception cref="ArgumentException">The image is empty, the options ask for what the format cannot say, or the format is one that is only read (ELF, TI-TXT).</exception>
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

    /// <summary>The same file, with its first byte at an address.</summary>
    /// <param name="address">Where the first byte belongs.</param>
    /// <exception cref="ArgumentOutOfRangeException">The bytes would leave the address space.</exception>
    /// <exception cref="InvalidOperationException">The file carries addresses.</exception>
    public FirmwareFile At(uint address)
    {
        if (!(NeedsAddress || _wasPlaced))
        {
            throw new InvalidOperationException($"{Describe(Format)} says by itself where its bytes belong.");
        }

        if (Image.ByteCount > AddressRange.AddressSpaceEnd - address)
        {
            throw new ArgumentOutOfRangeException(
                nameof(address), address, $"{Image.ByteCount} bytes at 0x{address:X8} would end past 0xFFFFFFFF.");
        }

        var placed = (FirmwareFile)MemberwiseClone();
        placed.Image = Image.IsEmpty ? Image : new FirmwareImage([new ImageSegment(address, Image.Segments[0].Data)]);
        placed.NeedsAddress = false;
        placed._wasPlaced = true;
        return placed;
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

    // Raw binaries are told by nothing in them.
    private static bool? IsFirmware(ReadOnlyMemory<byte> bytes) =>
        Recognize(bytes.Span) != FirmwareFormat.Binary ? true : ForeignContent.Recognize(bytes.Span) is null ? null : false;

    private static FirmwareFile ParseMember(ArchiveMember member, FirmwareReadOptions options)
    {
        try
        {
            var file = ParseContent(member.Bytes, options, isOwned: true);
            file.Container = new FirmwareContainer(member.Kind, member.Name, member.Bytes.Length);
            file.Warnings = [.. member.Warnings.ToImmutable(), .. file.Warnings];
            return file;
        }
        catch (FirmwareFormatException refused)
        {
            var name = member.Name is null ? "inside the archive" : $"in the archive's {PrintableText.Short(member.Name)}";
            throw new FirmwareFormatException(
                refused.Kind, $"{name}: {refused.Message}", refused.Remedy, refused.Expected, refused.Offset, refused.Line, refused.Address);
        }
    }

    private static FirmwareFile ParseContent(ReadOnlyMemory<byte> bytes, FirmwareReadOptions options, bool isOwned)
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
            FirmwareFormat.DfuSe => DfuSeReader.Read(file, options.Allow),
            FirmwareFormat.Dfu => DfuReader.Read(file, options.Allow),
            FirmwareFormat.IntelHex or FirmwareFormat.SRecord or FirmwareFormat.TiText => TextFormats.Read(format, file, options.Allow),
            FirmwareFormat.Elf => ElfReader.Read(file),
            FirmwareFormat.Uf2 => Uf2Reader.Read(file, options),
            FirmwareFormat.Binary => ReadBinary(isOwned ? bytes : file.ToArray(), foreign?.Name ?? Describe(looksLike)),
            _ => throw new ArgumentOutOfRangeException(nameof(options), options.Format, "There is no such format."),
        };
    }

    private static FirmwareFormat Recognize(ReadOnlySpan<byte> file)
    {
        if (DfuSeReader.Recognizes(file))
        {
            return FirmwareFormat.DfuSe;
        }

        if (ElfHeader.Recognizes(file))
        {
            return ElfHeader.Stranger(file) is null ? FirmwareFormat.Elf : FirmwareFormat.Binary;
        }

        if (Uf2Reader.Recognizes(file))
        {
            return FirmwareFormat.Uf2;
        }

        return TextFormats.Recognize(file) ?? (DfuReader.Recognizes(file) ? FirmwareFormat.Dfu : FirmwareFormat.Binary);
    }

    private static string? Describe(FirmwareFormat format) => format switch
    {
        FirmwareFormat.DfuSe => "a DfuSe file",
        FirmwareFormat.Dfu => "a plain DFU file",
        FirmwareFormat.Elf => "an ELF file",
        FirmwareFormat.Uf2 => "a UF2 file",
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
