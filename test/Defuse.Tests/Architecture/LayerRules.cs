namespace Defuse.Tests.Architecture;

/// <summary>Which namespaces of one assembly may refer to which.</summary>
/// <param name="Root">The layer that every other may refer to.</param>
/// <param name="Allowed">For each layer, by the namespace at its top, the layers it may refer to besides itself and the root.</param>
internal sealed record LayerRules(string Root, IReadOnlyDictionary<string, string[]> Allowed)
{
    /// <summary>The layer that a namespace belongs to: the longest that it lies in; null if none does.</summary>
    public string? LayerOf(TypeId type) =>
        Allowed.Keys.Where(type.IsIn).OrderByDescending(x => x.Length).FirstOrDefault();

    /// <summary>The uses by this layer's types, of types in the same assembly, that the rules do not allow.</summary>
    public IEnumerable<TypeUse> Offenders(AssemblyScan scan, string layer) =>
        from use in scan.Uses
        where use.To.Assembly == scan.Name && LayerOf(use.From) == layer
        let to = LayerOf(use.To)
        where to is not null && to != layer && to != Root && !Allowed[layer].Contains(to)
        select use;
}
