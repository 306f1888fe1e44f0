namespace Defuse.Devices;

/// <summary>How a person starts the USB DFU bootloader in a board's ROM, with names as they are printed on the board.</summary>
/// <remarks>Immutable. <see cref="BoardProfile.DfuSteps"/> has it in words.</remarks>
public sealed record DfuByHand
{
    /// <summary>What there is to make BOOT0 high with.</summary>
    public required BootSelection Selection { get; init; }

    /// <summary>The pin ("CN11-7": pin 7 of the header CN11), pad, jumper, switch or button.</summary>
    public required string Boot0 { get; init; }

    /// <summary>What BOOT0 is joined to ("CN11-5", "3V3"); null where nothing is joined.</summary>
    public string? High { get; init; }

    /// <summary>The pin that is tied to GND as well (BOOT1); null if there is no need.</summary>
    public string? Boot1 { get; init; }

    /// <summary>What makes the board look at BOOT0.</summary>
    public BootRestart Restart { get; init; }

    /// <summary>The reset button's name; null if it is not known or there is none.</summary>
    public string? ResetButton { get; init; }

    /// <summary>Whether the debug probe's socket stays connected, for the supply and the clock.</summary>
    public bool NeedsProbe { get; init; }

    /// <summary>What has to be so before, as a sentence without a full stop; null if nothing is known to.</summary>
    public string? Condition { get; init; }
}
