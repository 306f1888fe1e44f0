namespace Defuse.Devices;

/// <summary>How a field says the level of read-out protection.</summary>
internal enum ReadOutCoding
{
    /// <summary>0xAA is level 0, 0xCC level 2, all else level 1.</summary>
    Level,

    /// <summary>The same, and 0x55 is level 0.5 (chips with TrustZone).</summary>
    Half,

    /// <summary>0xA5 is none, all else level 1; there is no level 2 (STM32F1).</summary>
    F1,

    /// <summary>The product state of an STM32H5.</summary>
    State,
}
