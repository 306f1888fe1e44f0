namespace Defuse.Formats;

/// <summary>What to let pass, and what to take for granted, when a file is opened.</summary>
public sealed record FirmwareReadOptions
{
    /// <summary>Open a DfuSe file whose CRC is wrong, or whose suffix is missing, with a warning.</summary>
    public bool AllowBadCrc { get; init; }

    /// <summary>
    /// Take what is known to be no firmware image (an HTML page, an ELF or zip file, text, nothing at all) as a raw binary,
    /// with a warning.
    /// </summary>
    public bool AllowAnyContent { get; init; }

    /// <summary>
    /// Take plain text as a raw binary, with a warning, as <see cref="AllowAnyContent"/> does; what is known by its form
    /// (HTML, XML, an S-record file) is refused all the same.
    /// </summary>
    public bool AllowText { get; init; }

    /// <summary>The format, for a caller who knows better; null to tell it by the content.</summary>
    public FirmwareFormat? Format { get; init; }
}
