namespace Defuse.Devices;

/// <summary>How a board is made to look at BOOT0.</summary>
public enum BootRestart
{
    /// <summary>By a reset.</summary>
    Reset,

    /// <summary>By taking all power away and giving it back; a reset alone may not do.</summary>
    PowerCycle,

    /// <summary>By plugging it in.</summary>
    PlugIn,
}
