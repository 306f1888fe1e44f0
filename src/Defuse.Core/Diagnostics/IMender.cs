namespace Defuse.Diagnostics;

/// <summary>Changes a computer's settings so that boards can be opened, and takes that back.</summary>
public interface IMender
{
    /// <summary>What is to be changed for what was seen; changes nothing.</summary>
    /// <param name="inventory">What was seen.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <returns>Null if there is nothing that it knows to mend.</returns>
    ValueTask<Mending?> PlanFixAsync(HostInventory inventory, CancellationToken cancellationToken);

    /// <summary>What is to be taken back of what it changed before; changes nothing.</summary>
    /// <param name="inventory">What was seen.</param>
    /// <param name="cancellationToken">Stops looking.</param>
    /// <returns>Null if there is nothing to take back.</returns>
    ValueTask<Mending?> PlanUndoAsync(HostInventory inventory, CancellationToken cancellationToken);
}
