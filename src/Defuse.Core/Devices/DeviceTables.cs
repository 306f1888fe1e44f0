using System.Collections.Immutable;
using System.IO.Compression;

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
        using var stream = typeof(DeviceTables).Assembly.GetManifestResourceStream(Resource)
            ?? throw new InvalidOperationException($"the assembly lacks its resource {Resource}");
        return Unpack(stream);
    }

    /// <summary>Reads what the compiler packed.</summary>
    public static DeviceTables Unpack(Stream packed)
    {
        using var inflated = new MemoryStream();
        using (var inflate = new DeflateStream(packed, CompressionMode.Decompress))
        {
            inflate.CopyTo(inflated);
        }

        return new DeviceTablesReader(inflated.ToArray()).Read();
    }
}
