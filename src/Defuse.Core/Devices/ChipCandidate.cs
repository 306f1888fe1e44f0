using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>A chip that a device may be, and what speaks for it. DfuSe has no request for a chip's id.</summary>
/// <param name="Chip">The chip.</param>
/// <param name="Evidence">What speaks for it, each in plain words.</param>
public sealed record ChipCandidate(ChipProfile Chip, ImmutableArray<string> Evidence);
