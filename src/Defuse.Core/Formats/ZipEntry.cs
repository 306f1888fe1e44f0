namespace Defuse.Formats;

/// <summary>One line of a zip archive's directory.</summary>
/// <param name="Name">The name with its folders, printable.</param>
/// <param name="Flags">General purpose bits; bit 0 is encryption.</param>
/// <param name="Method">The compression method.</param>
/// <param name="Crc">The CRC-32 of the unpacked bytes.</param>
/// <param name="PackedSize">How many bytes it takes in the archive.</param>
/// <param name="Size">How many bytes it unpacks to.</param>
/// <param name="HeaderOffset">Where its local header is.</param>
internal readonly record struct ZipEntry(string Name, ushort Flags, ushort Method, uint Crc, long PackedSize, long Size, long HeaderOffset)
{
    public const int Stored = 0;
    public const int Deflated = 8;

    /// <summary>Whether it is no file that somebody packed: a folder, or what an operating system adds.</summary>
    public bool IsAside =>
        Name.EndsWith('/') || Name.EndsWith('\\') || Name.StartsWith("__MACOSX/", StringComparison.Ordinal)
        || FileName is ".DS_Store" or "Thumbs.db" or "desktop.ini" || FileName.StartsWith("._", StringComparison.Ordinal);

    private string FileName => Name[(Name.LastIndexOf('/') + 1)..];

    public bool IsEncrypted => (Flags & 1) != 0;

    /// <summary>Whether it is called what raw binaries are called.</summary>
    public bool IsNamedBinary => Name.EndsWith(".bin", StringComparison.OrdinalIgnoreCase);
}
