namespace Defuse.Devices;

/// <summary>What a person moves, presses or joins on a board to make BOOT0 high.</summary>
public enum BootSelection
{
    /// <summary>A wire or a jumper cap between two pins of a header.</summary>
    Wire,

    /// <summary>A wire from a pin or a pad, wherever it is on the board, to the supply.</summary>
    Tie,

    /// <summary>Two pads that are joined.</summary>
    Pads,

    /// <summary>A jumper that is moved.</summary>
    Jumper,

    /// <summary>A switch.</summary>
    Switch,

    /// <summary>A button that is held.</summary>
    Button,
}
