namespace Defuse.Targets;

/// <summary>A target that repeats transfers which failed for no reason that the device names.</summary>
internal interface ITransferRepeats
{
    /// <summary>What helps where transfers fail, in plain words; null if nothing is known of this device.</summary>
    string? Advice { get; }

    /// <summary>How many transfers were repeated since this was last asked.</summary>
    int Take();
}
