namespace Defuse.Formats;

/// <summary>What is wrong with a file and let pass all the same, by name.</summary>
[Flags]
public enum FileAllowances
{
    /// <summary>Nothing: a file that breaks its format's rules is refused.</summary>
    None = 0,

    /// <summary>A CRC or a checksum may be wrong or missing.</summary>
    Crc = 1,

    /// <summary>The mark of the file's end, or parts before it, may be missing; and records may follow it.</summary>
    Eof = 2,

    /// <summary>Bytes that belong to nothing may follow the file's end.</summary>
    Trailing = 4,

    /// <summary>
    /// The file may be something that is known to be no firmware; it is taken as raw bytes. A UF2 file for chips that are no STM32 is
    /// opened as what it is.
    /// </summary>
    Image = 8,
}
