namespace Defuse;

/// <summary>A device that did not open, looked at again after something was changed.</summary>
/// <param name="Name">What it calls itself.</param>
/// <param name="Location">Where it is plugged in.</param>
/// <param name="Problem">Why it still does not open; null if it opens now.</param>
/// <param name="Remedy">What a person can do about that.</param>
public sealed record LookedAtAgain(string Name, string Location, string? Problem, string? Remedy);
