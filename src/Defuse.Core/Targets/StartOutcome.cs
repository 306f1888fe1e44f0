namespace Defuse.Targets;

/// <summary>What was seen when a device was told to run its program.</summary>
public enum StartOutcome
{
    /// <summary>It said that it leaves its bootloader.</summary>
    Left,

    /// <summary>It left the bus before it could answer; ROMs do that, and it is no failure.</summary>
    LeftWithoutAnswer,
}
