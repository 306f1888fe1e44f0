namespace Defuse.Simulator;

/// <summary>What moves a simulated board's time.</summary>
public enum VirtualClockMode
{
    /// <summary>Waits and transfers only; see <see cref="VirtualClock.Stepped"/>.</summary>
    Stepped,

    /// <summary>Real time; see <see cref="VirtualClock.Following"/>.</summary>
    Following,
}
