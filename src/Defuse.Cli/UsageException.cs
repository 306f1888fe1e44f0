namespace Defuse.Cli;

/// <summary>The command as it was given makes no sense.</summary>
internal sealed class UsageException(string reason, string? remedy = null, Exception? innerException = null)
    : DefuseException(reason, remedy: remedy, innerException: innerException);
