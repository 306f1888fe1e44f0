namespace Defuse;

/// <summary>The device was reached, understood the request, and said no.</summary>
public class DeviceRefusedException : DefuseException
{
    /// <param name="reason">What it refused, as one plain sentence without a full stop at its end.</param>
    /// <param name="address">The memory address that was being worked on, if any.</param>
    /// <param name="remedy">What a person can do about it, if anything.</param>
    /// <param name="innerException">The cause underneath.</param>
    public DeviceRefusedException(string reason, uint? address = null, string? remedy = null, Exception? innerException = null)
        : base(reason, address, remedy, innerException)
    {
    }

    /// <summary>Whether the answer is the one that a read-out protected chip gives.</summary>
    public virtual bool IndicatesReadOutProtection => false;

    /// <summary>Whether it is certain that the request changed nothing.</summary>
    public virtual bool NothingWasDone => false;

    /// <summary>Whether the device left the bus before it came to this, so that nothing more can be asked of it.</summary>
    internal bool HasLeft { get; init; }

    /// <summary>Whether what the device confirmed before cannot be believed either, unless it was read back.</summary>
    public virtual bool EarlierAnswersAreInDoubt => false;
}
