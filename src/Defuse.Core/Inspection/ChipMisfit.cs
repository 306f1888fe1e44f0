using Defuse.Images;

namespace Defuse.Inspection;

/// <summary>One reason why an image is not for a chip.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Reason">In plain words, without a full stop.</param>
/// <param name="Range">The first bytes that it is about, if it is about bytes.</param>
public sealed record ChipMisfit(ChipMisfitKind Kind, string Reason, AddressRange? Range = null);
