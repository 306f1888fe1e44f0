using System.Collections.Immutable;
using Defuse.Transports;

namespace Defuse.Platform.Serial;

/// <summary>Serial ports of macOS by their names alone: what is behind them only the I/O Registry tells, which is not asked. Never run on macOS.</summary>
/// <param name="nodes">The folder of device nodes.</param>
internal sealed class MacSerialInventory(string nodes) : ISerialInventory
{
    // The side that does not wait for a carrier.
    private const string Pattern = "cu.*";

    // They are there on every Mac, with no board behind them.
    private static readonly ImmutableArray<string> Own = ["cu.Bluetooth-Incoming-Port", "cu.debug-console", "cu.wlan-debug"];

    public ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<SerialPortInfo>>(
        [
            .. Directory.EnumerateFileSystemEntries(nodes, Pattern)
                .Where(x => !Own.Contains(Path.GetFileName(x), StringComparer.Ordinal))
                .Order(StringComparer.Ordinal)
                .Select(x => new SerialPortInfo { Name = x }),
        ]);

    public ValueTask<SerialPortInfo> FindAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(new SerialPortInfo { Name = name });
}
