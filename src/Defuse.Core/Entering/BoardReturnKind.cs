namespace Defuse.Entering;

/// <summary>What may come back after a board was started.</summary>
public enum BoardReturnKind
{
    /// <summary>A program that shows on USB.</summary>
    Program,

    /// <summary>The bootloader again, or it never left.</summary>
    Bootloader,

    /// <summary>A device whose descriptors the system cannot read.</summary>
    Unreadable,

    /// <summary>Nothing: as with every program that has no USB.</summary>
    Nothing,
}
