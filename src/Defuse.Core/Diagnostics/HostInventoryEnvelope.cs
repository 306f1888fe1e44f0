namespace Defuse.Diagnostics;

/// <summary>What of a report tells whether the rest can be read, and what it left out that is not false by itself.</summary>
internal sealed record HostInventoryEnvelope
{
    public int Schema { get; init; }

    public string? Type { get; init; }

    public Part? Inventory { get; init; }

    internal sealed record Part
    {
        public SystemPart? System { get; init; }
    }

    internal sealed record SystemPart
    {
        public bool? HasUsb { get; init; }
    }
}
