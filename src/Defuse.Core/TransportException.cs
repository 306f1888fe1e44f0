namespace Defuse;

/// <summary>Bytes did not get to a device, or not back. What the device said is a different family.</summary>
public class TransportException : DefuseException
{
    /// <param name="failure">How it failed.</param>
    /// <param name="reason">What happened, as one plain sentence without a full stop at its end.</param>
    /// <param name="remedy">What a person can do about it, if anything.</param>
    /// <param name="address">The memory address that was being worked on, if any.</param>
    /// <param name="innerException">The cause underneath.</param>
    public TransportException(
        TransportFailure failure, string reason, string? remedy = null, uint? address = null, Exception? innerException = null)
        : base(reason, address, remedy, innerException) => Failure = failure;

    /// <summary>How it failed.</summary>
    public TransportFailure Failure { get; }
}
