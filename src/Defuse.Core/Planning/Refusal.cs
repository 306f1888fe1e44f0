using Defuse.Images;

namespace Defuse.Planning;

/// <summary>One reason not to begin.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Reason">What does not fit, as one plain sentence without a full stop at its end.</param>
/// <param name="Range">The first range that it is about, if there is one.</param>
/// <param name="Remedy">What a person can do about it.</param>
public sealed record Refusal(RefusalKind Kind, string Reason, AddressRange? Range, string Remedy);
