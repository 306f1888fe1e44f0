using System.Collections.Immutable;
using Defuse.Planning;

namespace Defuse.Cli.Live;

/// <summary>What a person should know while the chip is as it was.</summary>
internal static class EarlyWarnings
{
    // The library replaces it by what it did write.
    private const string Otp = "one-time programmable memory, for good";

    /// <summary>A plan's warnings, if it is the one that is carried out, and changes something.</summary>
    public static ImmutableArray<string> Of(FlashPlan plan) =>
        plan.Sectors.All(x => x.Decision != SectorDecision.Compare) && (plan.EraseChip || !plan.Erases.IsEmpty || !plan.Writes.IsEmpty || plan.Slot is not null)
            ? [.. plan.Warnings.Where(x => !x.Contains(Otp, StringComparison.Ordinal))]
            : [];
}
