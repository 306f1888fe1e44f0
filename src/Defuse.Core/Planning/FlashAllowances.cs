namespace Defuse.Planning;

/// <summary>Refusals that a person overrides by name.</summary>
[Flags]
public enum FlashAllowances
{
    /// <summary>None: what is known not to fit is refused.</summary>
    None = 0,

    /// <summary>The file's content may be anything; what is no known format is taken as raw bytes.</summary>
    Image = 1,

    /// <summary>The file may have been made for another chip.</summary>
    Chip = 2,

    /// <summary>Bytes outside the device's flash are left out.</summary>
    Outside = 4,

    /// <summary>Protected sectors, and a chip that seems read-out protected, are tried all the same.</summary>
    Protected = 8,

    /// <summary>The file's CRC may be wrong.</summary>
    Crc = 16,
}
