namespace Defuse.Diagnostics;

/// <summary>A file is no report of what is plugged in, or none that can be read.</summary>
public sealed class HostInventoryFormatException : DefuseException
{
    /// <param name="reason">What is wrong with it, as one plain sentence without a full stop at its end.</param>
    /// <param name="remedy">What a person can do about it.</param>
    /// <param name="innerException">The cause underneath.</param>
    public HostInventoryFormatException(string reason, string? remedy = null, Exception? innerException = null)
        : base(reason, remedy: remedy, innerException: innerException)
    {
    }
}
