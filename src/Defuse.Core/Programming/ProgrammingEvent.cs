using Defuse.Images;
using Defuse.Planning;

namespace Defuse.Programming;

/// <summary>Something that happened while a plan ran.</summary>
/// <remarks>
/// Events come one at a time, in order, on the flow that does the work: what takes them must be quick. First
/// <see cref="Planned"/>; then for each phase <see cref="PhaseStarted"/>, any number of <see cref="Progressed"/> and
/// <see cref="StateChanged"/>, and <see cref="PhaseFinished"/>, which is missing where the phase failed; after the
/// comparison <see cref="Planned"/> again, with every sector decided.
/// </remarks>
public abstract record ProgrammingEvent
{
    private ProgrammingEvent()
    {
    }

    /// <summary>This is what will be done.</summary>
    /// <param name="Plan">The plan.</param>
    public sealed record Planned(FlashPlan Plan) : ProgrammingEvent;

    /// <summary>A phase begins.</summary>
    /// <param name="Phase">Which.</param>
    /// <param name="TotalBytes">How many bytes it has to work through.</param>
    public sealed record PhaseStarted(ProgrammingPhase Phase, long TotalBytes) : ProgrammingEvent;

    /// <summary>A phase got further.</summary>
    /// <param name="Phase">Which.</param>
    /// <param name="Address">The last address that was worked on.</param>
    /// <param name="Bytes">How many bytes it has worked through so far.</param>
    /// <param name="TotalBytes">How many bytes it has to work through.</param>
    /// <param name="BytesPerSecond">Its average rate so far, on the device's clock; 0 while there is none.</param>
    /// <param name="TimeLeft">How long the phase will take at that rate; null while there is none.</param>
    public sealed record Progressed(
        ProgrammingPhase Phase, uint Address, long Bytes, long TotalBytes, double BytesPerSecond, TimeSpan? TimeLeft) : ProgrammingEvent;

    /// <summary>Something is known of a range now.</summary>
    /// <param name="Range">The range.</param>
    /// <param name="State">What is known.</param>
    public sealed record StateChanged(AddressRange Range, RangeState State) : ProgrammingEvent;

    /// <summary>A phase is complete.</summary>
    /// <param name="Phase">Which.</param>
    /// <param name="Bytes">How many bytes it worked through.</param>
    /// <param name="Elapsed">How long it took, on the device's clock.</param>
    public sealed record PhaseFinished(ProgrammingPhase Phase, long Bytes, TimeSpan Elapsed) : ProgrammingEvent;
}
