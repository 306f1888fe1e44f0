using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>The option bytes that come with Defuse, as eng/Defuse.DataCompiler makes them of data/option-bytes.txt.</summary>
/// <param name="Layouts">One for chips that have them alike.</param>
/// <param name="Meanings">What fields mean wherever they have that name.</param>
internal sealed record OptionTables(ImmutableArray<OptionLayout> Layouts, ImmutableArray<OptionMeaning> Meanings)
{
    private const string Resource = "Defuse.Devices.Data.options.bin";

    private static readonly Lazy<OptionTables> Loaded = new(() =>
    {
        using var stream = TableReader.Open(Resource);
        return Unpack(stream);
    });

    /// <summary>Whether anybody has asked for them in this process.</summary>
    public static bool IsLoaded => Loaded.IsValueCreated;

    /// <summary>The tables, unpacked when they are first asked for.</summary>
    public static OptionTables Shipped => Loaded.Value;

    /// <summary>Reads what the compiler packed.</summary>
    public static OptionTables Unpack(Stream packed) => new OptionTablesReader(TableReader.Inflate(packed)).Read();

    /// <summary>The option bytes of a chip, or null.</summary>
    /// <param name="chip"><see cref="ChipProfile.Id"/>.</param>
    public OptionLayout? Find(ushort chip) => Layouts.FirstOrDefault(x => x.Chips.Contains(chip));
}
