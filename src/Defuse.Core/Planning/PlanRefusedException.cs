using System.Collections.Immutable;

namespace Defuse.Planning;

/// <summary>What was asked for is known not to work; nothing was changed.</summary>
public sealed class PlanRefusedException : DefuseException
{
    /// <param name="refusals">The reasons; at least one.</param>
    /// <param name="innerException">The device's own words, where it was the device that refused.</param>
    /// <exception cref="ArgumentException">There is no reason.</exception>
    public PlanRefusedException(IEnumerable<Refusal> refusals, Exception? innerException = null)
        : this(refusals is null ? throw new ArgumentNullException(nameof(refusals)) : [.. refusals], innerException)
    {
    }

    private PlanRefusedException(ImmutableArray<Refusal> refusals, Exception? innerException)
        : base(
            refusals.IsEmpty ? throw new ArgumentException("A refusal has a reason.", nameof(refusals)) : string.Join("; ", refusals.Select(x => x.Reason)),
            refusals[0].Range?.Start,
            string.Join("; ", refusals.Select(x => x.Remedy).Distinct(StringComparer.Ordinal)),
            innerException) =>
        Refusals = refusals;

    /// <summary>The reasons.</summary>
    public ImmutableArray<Refusal> Refusals { get; }
}
