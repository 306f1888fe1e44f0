using System.Collections.Immutable;

namespace Defuse.Simulator;

/// <summary>Something that boards of one kind differ in: an option whose values make it of other parts.</summary>
/// <param name="Name">The option's name.</param>
/// <param name="Description">What it is, in a few words.</param>
/// <param name="Values">Its values; the first is the one that a board has if nobody says otherwise.</param>
internal sealed record BoardVariant(string Name, string Description, ImmutableArray<BoardVariantValue> Values)
{
    public SimulatedBoardOption Option { get; } = new(Name, string.Join(", ", Values.Select(x => x.Name)), Description);

    public BoardVariantValue? Find(string value) =>
        Values.FirstOrDefault(x => string.Equals(x.Name, value, StringComparison.OrdinalIgnoreCase));
}
