namespace Defuse.Entering;

/// <summary>What DTR and RTS of a serial adapter are wired to: one to BOOT0, the other to NRST.</summary>
/// <param name="DtrIsReset">Whether DTR goes to NRST and RTS to BOOT0; else the other way round.</param>
/// <param name="InvertBoot">Whether BOOT0 is high when its line is asserted: a transistor inverts it. An adapter's own line is low then.</param>
/// <param name="InvertReset">Whether NRST is high when its line is asserted.</param>
public sealed record ModemLineWiring(bool DtrIsReset, bool InvertBoot, bool InvertReset)
{
    /// <summary>DTR to NRST and RTS to BOOT0, both without a transistor.</summary>
    public static ModemLineWiring Default { get; } = new(DtrIsReset: true, InvertBoot: false, InvertReset: false);
}
