namespace Defuse.Formats;

/// <summary>Why a file cannot be opened or written, as far as a caller can act on it.</summary>
public enum FirmwareFormatErrorKind
{
    /// <summary>The file breaks its format's rules; no option opens it.</summary>
    Malformed,

    /// <summary>A CRC or a checksum is wrong or missing; <see cref="FileAllowances.Crc"/> opens the file.</summary>
    Crc,

    /// <summary>The end is missing, or records follow it; <see cref="FileAllowances.Eof"/> opens the file.</summary>
    Eof,

    /// <summary>Bytes that belong to nothing follow the end; <see cref="FileAllowances.Trailing"/> opens the file.</summary>
    Trailing,

    /// <summary>
    /// The file is something other than firmware; <see cref="FileAllowances.Image"/> takes it as a raw binary.
    /// </summary>
    Content,

    /// <summary>The image does not fit the format that it was to be written in, or the file is larger than is read.</summary>
    TooLarge,
}
