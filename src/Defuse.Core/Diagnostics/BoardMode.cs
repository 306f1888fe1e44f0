namespace Defuse.Diagnostics;

/// <summary>What a board is doing, as far as can be seen.</summary>
public enum BoardMode
{
    /// <summary>It is in DFU mode.</summary>
    Dfu,

    /// <summary>It runs a program that shows on USB.</summary>
    Program,

    /// <summary>Only its debug probe is connected, or only that shows: what its chip does is not seen.</summary>
    ProbeOnly,

    /// <summary>A drive that takes firmware (UF2).</summary>
    Drive,

    /// <summary>A serial adapter with whatever is wired to it.</summary>
    SerialAdapter,

    /// <summary>The operating system could not read its descriptors, or could not start it.</summary>
    Unreadable,

    /// <summary>No STM32 that Defuse works with: told of because it speaks DFU too, or because it is often taken for one.</summary>
    Stranger,
}
