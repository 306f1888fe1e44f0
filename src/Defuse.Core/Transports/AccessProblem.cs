namespace Defuse.Transports;

/// <summary>Why a device that is there cannot be opened, and what to do.</summary>
/// <param name="Failure">The kind of obstacle.</param>
/// <param name="Reason">What stands in the way, as one plain sentence without a full stop at its end.</param>
/// <param name="Remedy">What a person can do about it.</param>
public sealed record AccessProblem(AccessFailure Failure, string Reason, string Remedy)
{
    /// <summary>The driver that is bound to it, as the operating system names it ("STTub30", "usbip-host"); null if none is, or it is not known.</summary>
    public string? Driver { get; init; }
}
