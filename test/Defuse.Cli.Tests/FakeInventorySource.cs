using Defuse.Diagnostics;

namespace Defuse.Cli.Tests;

/// <summary>A computer as a test wants it.</summary>
internal sealed class FakeInventorySource(HostInventory inventory) : IHostInventorySource
{
    public ValueTask<HostInventory> CollectAsync(CancellationToken cancellationToken) => ValueTask.FromResult(inventory);
}
