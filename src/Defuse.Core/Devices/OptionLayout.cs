using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>The option bytes of chips that have them alike.</summary>
internal sealed record OptionLayout
{
    public required ImmutableArray<ushort> Chips { get; init; }

    public required ImmutableArray<OptionRegister> Registers { get; init; }

    public required string ReadOutField { get; init; }

    public required ReadOutCoding ReadOutCoding { get; init; }

    public required ImmutableArray<WriteProtectionRule> WriteProtection { get; init; }

    /// <summary>The bit by which the protecting value is the other one; null if there is none.</summary>
    public required string? Reverse { get; init; }

    public required ImmutableArray<OptionMeaning> Meanings { get; init; }
}
