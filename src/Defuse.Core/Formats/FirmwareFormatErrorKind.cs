namespace Defuse.Formats;

/// <summary>Why a file cannot be opened or written, as far as a caller can act on it.</summary>
public enum FirmwareFormatErrorKind
{
    /// <summary>The file breaks its format's rules; no option opens it.</summary>
    Malformed,

    /// <summary>The CRC is wrong or missing; <see cref="FirmwareReadOptions.AllowBadCrc"/> opens the file.</summary>
    Crc,

    /// <summary>
    /// The file is something other than firmware in a format that this version opens;
    /// <see cref="FirmwareReadOptions.AllowAnyContent"/> takes it as a raw binary.
    /// </summary>
    Content,

    /// <summary>The image does not fit the format that it was to be written in.</summary>
    TooLarge,
}
