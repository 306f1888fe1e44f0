using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>A word of the option bytes.</summary>
/// <param name="Address">Where the ROM shows it.</param>
/// <param name="Name">The register or option byte.</param>
/// <param name="Fields">What is in it, by bit.</param>
/// <param name="Source">Where that is from.</param>
internal sealed record OptionRegister(uint Address, string Name, ImmutableArray<OptionField> Fields, string Source);
