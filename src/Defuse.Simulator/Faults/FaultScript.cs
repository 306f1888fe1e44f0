using System.Collections.Immutable;

namespace Defuse.Simulator.Faults;

/// <summary>All that goes wrong with a simulated board, in the order in which it is looked at.</summary>
/// <remarks>
/// Written as items with commas between them, each KIND@STEP[:AT][xTIMES][=VALUE]:
/// <c>unplug@write:12345</c>, <c>stall@erase:2x3</c>, <c>bitrot@0x08001234.3</c>, <c>late@status:4=2s</c>. Immutable.
/// </remarks>
public sealed record FaultScript
{
    private FaultScript(ImmutableArray<Fault> faults) => Faults = faults;

    /// <summary>Nothing goes wrong.</summary>
    public static FaultScript None { get; } = new([]);

    /// <summary>What goes wrong; of several that wait in the same place, the first happens first.</summary>
    public ImmutableArray<Fault> Faults { get; }

    /// <summary>Reads a script.</summary>
    /// <param name="text">The script; empty for none.</param>
    /// <exception cref="SimulatedBoardException">It is none; the reason names the item.</exception>
    public static FaultScript Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 0 ? None : new([.. text.Split(',').Select(FaultText.Parse)]);
    }

    /// <inheritdoc/>
    public bool Equals(FaultScript? other) => other is not null && Faults.SequenceEqual(other.Faults);

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <summary>The script as it is written.</summary>
    public override string ToString() => string.Join(',', Faults);
}
