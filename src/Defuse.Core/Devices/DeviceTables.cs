using System.Collections.Immutable;

namespace Defuse.Devices;

/// <summary>The chips and boards that come with Defuse, as eng/Defuse.DataCompiler makes them of the folder data.</summary>
internal sealed record DeviceTables(ImmutableArray<ChipProfile> Chips, ImmutableArray<BoardProfile> Boards)
{
    private const string Resource = "Defuse.Devices.Data.devices.bin";

    private static readonly Lazy<DeviceTables> Loaded = new(Load);

    /// <summary>Whether anybody has asked for them in this process.</summary>
    public static bool IsLoaded => Loaded.IsValueCreated;

    /// <summary>The tables, unpacked when they are first asked for.</summary>
    public static DeviceTables Shipped => Loaded.Value;

    private static DeviceTables Load()
    {
        using var stream = TableReader.Open(Resource);
        return Unpack(stream);
    }

    /// <summary>Reads what the compiler packed.</summary>
    public static DeviceTables Unpack(Stream packed) => new DeviceTablesReader(TableReader.Inflate(packed)).Read();
}
