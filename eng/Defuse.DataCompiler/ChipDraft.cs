using Defuse.Devices;

namespace Defuse.DataCompiler;

/// <summary>A chip while its files are read.</summary>
internal sealed class ChipDraft(Record record, ushort id)
{
    public Record Record => record;

    public ushort Id => id;

    public string[] Lines => record.Find("lines")?.Value.Split(' ') ?? [];

    public List<(FlashLayout Layout, DataLine Line)> Layouts { get; } = [];

    public Dictionary<string, RamRegion[]> Ram { get; } = new(StringComparer.Ordinal);

    public List<ChipPart> Parts { get; } = [];

    public List<MemoryRegion> Seen { get; } = [];

    public List<Disagreement> Disagreements { get; } = [];

    /// <summary>Where each figure is from, for people.</summary>
    public List<FigureSource> Sources { get; } = [];
}
