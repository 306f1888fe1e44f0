namespace Defuse.Formats;

/// <summary>What to let pass, and what to take for granted, when a file is opened.</summary>
public sealed record FirmwareReadOptions
{
    /// <summary>What to let pass, with a warning.</summary>
    public FileAllowances Allow { get; init; }

    /// <summary>
    /// Take plain text as a raw binary, with a warning, as <see cref="FileAllowances.Image"/> does; what is known by its form
    /// (HTML, XML) is refused all the same.
    /// </summary>
    public bool AllowText { get; init; }

    /// <summary>The format, for a caller who knows better; null to tell it by the content.</summary>
    public FirmwareFormat? Format { get; init; }

    /// <summary>UF2: the number of the family whose part is wanted; null for that of the only family like an STM32.</summary>
    public uint? Uf2Family { get; init; }
}
