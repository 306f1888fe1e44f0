namespace Defuse.Transports.Tracing;

/// <summary>Takes what happens to traced devices, line by line.</summary>
internal interface ITraceSink
{
    /// <summary>What keeps serial numbers out of the lines.</summary>
    SerialScrubber Scrubber { get; }

    /// <summary>When something happens, in ms since the first device was opened.</summary>
    double At(TimeProvider time);

    ValueTask WriteAsync(TraceLine line);
}
