namespace Defuse.Cli;

/// <summary>This computer's settings could not be changed.</summary>
/// <param name="reason">Why, as a sentence without a full stop.</param>
/// <param name="remedy">What a person can do.</param>
/// <param name="isRefusal">Whether nothing was tried.</param>
internal sealed class MendingException(string reason, string? remedy, bool isRefusal) : DefuseException(reason, remedy: remedy)
{
    public bool IsRefusal => isRefusal;
}
