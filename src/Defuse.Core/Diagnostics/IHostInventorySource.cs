namespace Defuse.Diagnostics;

/// <summary>Looks at a computer: which USB devices, serial ports and drives there are.</summary>
public interface IHostInventorySource
{
    /// <summary>What is there now. Opens no device; what cannot be looked at is said in <see cref="HostInventory.Unseen"/>.</summary>
    ValueTask<HostInventory> CollectAsync(CancellationToken cancellationToken);
}
