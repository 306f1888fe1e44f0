namespace Defuse;

/// <summary>Something that Defuse was asked to do could not be done.</summary>
/// <remarks>
/// What went wrong while talking to hardware is one of two families: <see cref="TransportException"/> (the
/// bytes did not get through) or <see cref="DeviceRefusedException"/> (they did, and the device said no).
/// Misuse of the library is an <see cref="ArgumentException"/> or an <see cref="InvalidOperationException"/> instead.
/// </remarks>
public abstract class DefuseException : Exception
{
    /// <param name="reason">What happened, as one plain sentence without a full stop at its end.</param>
    /// <param name="address">The memory address that it happened at, if there is one.</param>
    /// <param name="remedy">What a person can do about it, if anything.</param>
    /// <param name="innerException">The cause underneath.</param>
    protected DefuseException(string reason, uint? address = null, string? remedy = null, Exception? innerException = null)
        : base(reason, innerException)
    {
        Address = address;
        Remedy = remedy;
    }

    /// <summary>The memory address that the failure belongs to, if there is one.</summary>
    public uint? Address { get; }

    /// <summary>What a person can do about it, in plain words; null if nothing is known to help.</summary>
    public string? Remedy { get; }
}
