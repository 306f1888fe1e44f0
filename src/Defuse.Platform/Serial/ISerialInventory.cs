using Defuse.Transports;

namespace Defuse.Platform.Serial;

/// <summary>What an operating system tells of its serial ports without opening them.</summary>
internal interface ISerialInventory
{
    /// <summary>The ports that are there now, with what stands in the way of opening them, by their names.</summary>
    ValueTask<IReadOnlyList<SerialPortInfo>> ListAsync(CancellationToken cancellationToken);

    /// <summary>What is known of one port, listed or not; its name, if that is all.</summary>
    ValueTask<SerialPortInfo> FindAsync(string name, CancellationToken cancellationToken);
}
