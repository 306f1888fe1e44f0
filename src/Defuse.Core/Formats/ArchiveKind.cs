namespace Defuse.Formats;

/// <summary>A kind of archive that is opened for the firmware inside.</summary>
public enum ArchiveKind
{
    /// <summary>One compressed file, .gz (RFC 1952).</summary>
    Gzip,

    /// <summary>Several files, .zip (PKWARE's APPNOTE).</summary>
    Zip,
}
