namespace Defuse.Simulator.Faults;

/// <summary>One thing that goes wrong, and where.</summary>
public sealed record Fault
{
    internal Fault()
    {
    }

    /// <summary>What goes wrong.</summary>
    public required FaultKind Kind { get; init; }

    /// <summary>In which step of the work.</summary>
    public required FaultStep Step { get; init; }

    /// <summary>
    /// How much of the step is done before it, from 0, in the step's own units; counted anew each time the board is plugged in.
    /// </summary>
    public long At { get; init; }

    /// <summary>How often, at least 1. What failed is not counted as done, so a request that is repeated fails again.</summary>
    public int Times { get; init; } = 1;

    /// <summary>How late, or for how long; null for what is usual, which for <see cref="FaultKind.Busy"/> is for ever.</summary>
    public TimeSpan? Duration { get; init; }

    /// <summary>The byte that a bit of flips each time after it was erased or written; null for the byte that the step is at.</summary>
    public uint? Address { get; init; }

    /// <summary>Which bit flips, 0 to 7.</summary>
    public int Bit { get; init; }

    /// <summary>The serial number that the board comes back with; null for its own with another last digit.</summary>
    public string? SerialNumber { get; init; }

    /// <summary>The fault as it is written in a script.</summary>
    public override string ToString() => FaultText.Of(this);
}
