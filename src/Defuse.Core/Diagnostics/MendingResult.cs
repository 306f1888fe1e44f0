namespace Defuse.Diagnostics;

/// <summary>How a change to a computer's settings ended.</summary>
/// <param name="IsDone">Whether it was made.</param>
/// <param name="Text">What was done, or why it was not, as a sentence without a full stop.</param>
/// <param name="Remedy">What is still to be done by a person, also where it was made and a board still does not open; null if nothing.</param>
public sealed record MendingResult(bool IsDone, string Text, string? Remedy = null);
