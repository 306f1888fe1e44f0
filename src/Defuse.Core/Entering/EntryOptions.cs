namespace Defuse.Entering;

/// <summary>How a board is taken from its program to DFU mode.</summary>
/// <remarks>Immutable.</remarks>
public sealed record EntryOptions
{
    /// <summary>By whatever fits the board's program, the surest first.</summary>
    public static EntryOptions Default { get; } = new();

    /// <summary>The only way to try, also on a port whose program is not known; null for those that fit.</summary>
    public EntryWay? Way { get; init; }

    /// <summary>What the lines of a serial adapter are wired to, for <see cref="EntryWay.ModemLines"/>.</summary>
    public ModemLineWiring Wiring { get; init; } = ModemLineWiring.Default;
}
