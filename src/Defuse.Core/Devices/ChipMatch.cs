namespace Defuse.Devices;

/// <summary>A chip that was found by what somebody typed.</summary>
/// <param name="Chip">The chip.</param>
/// <param name="Part">The part, if the text names one; null if it fits several or names the chip.</param>
/// <param name="FlashBytes">The flash of all the parts that the text fits, if it is the same; null if not, or if no part was named.</param>
public sealed record ChipMatch(ChipProfile Chip, ChipPart? Part, long? FlashBytes);
