using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Defuse.Platform.Windows;

/// <summary>The file that remembers what devices were before: what is not in it, Defuse did not change.</summary>
/// <param name="path">The file.</param>
internal sealed partial class DriverRecords(string path)
{
    private const long LongestFile = 1 << 20;

    /// <summary>What is remembered; nothing where the file is missing or no such file.</summary>
    public ImmutableArray<DriverRecord> Read()
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: <= LongestFile }
                ? JsonSerializer.Deserialize(File.ReadAllBytes(path), Json.Default.DriverRecordArray) is { } records
                    ? [.. records.Where(x => x is { InstanceId: not null })]
                    : []
                : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return [];
        }
    }

    /// <summary>Remembers a device, unless it is remembered already: what it was at first counts.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Add(DriverRecord record)
    {
        var records = Read();
        if (!records.Any(x => IsOf(x, record.InstanceId)))
        {
            Write(records.Add(record));
        }
    }

    /// <summary>Forgets a device.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public void Forget(string instanceId) => Write(Read().RemoveAll(x => IsOf(x, instanceId)));

    private static bool IsOf(DriverRecord record, string instanceId) => string.Equals(record.InstanceId, instanceId, StringComparison.OrdinalIgnoreCase);

    private void Write(ImmutableArray<DriverRecord> records)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, JsonSerializer.SerializeToUtf8Bytes([.. records], Json.Default.DriverRecordArray));
    }

    [JsonSerializable(typeof(DriverRecord[]))]
    private sealed partial class Json : JsonSerializerContext;
}
