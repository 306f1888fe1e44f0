namespace Defuse.Diagnostics;

/// <summary>A drive that a board or a probe shows, with what its own files say.</summary>
public sealed record SeenVolume
{
    /// <summary>Where it is mounted ("/media/me/NODE_F767ZI", "E:\"); null if it is not mounted.</summary>
    public string? Path { get; init; }

    /// <summary>Its label ("NODE_F767ZI", "RPI-RP2").</summary>
    public string? Label { get; init; }

    /// <summary>Where the USB device behind it is plugged in; null if not known.</summary>
    public string? UsbLocation { get; init; }

    /// <summary>The mbed identifier in MBED.HTM or DETAILS.TXT, or its first four digits; null if there is none.</summary>
    public string? MbedId { get; init; }

    /// <summary>Board-ID or Model of INFO_UF2.TXT; null if there is none.</summary>
    public string? Uf2Board { get; init; }

    /// <summary>The text of FAIL.TXT, where the last file that was dropped was not taken.</summary>
    public string? Failure { get; init; }
}
