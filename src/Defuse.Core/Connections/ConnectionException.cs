namespace Defuse.Connections;

/// <summary>The board that was asked for could not be chosen or reached.</summary>
public sealed class ConnectionException : DefuseException
{
    /// <param name="failure">Why.</param>
    /// <param name="reason">What happened, as one plain sentence without a full stop at its end.</param>
    /// <param name="remedy">What a person can do about it.</param>
    /// <param name="innerException">The cause underneath.</param>
    public ConnectionException(ConnectionFailure failure, string reason, string? remedy = null, Exception? innerException = null)
        : base(reason, remedy: remedy, innerException: innerException) => Failure = failure;

    /// <summary>Why.</summary>
    public ConnectionFailure Failure { get; }
}
