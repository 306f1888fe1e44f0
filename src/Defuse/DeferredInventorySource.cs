using Defuse.Diagnostics;

namespace Defuse;

/// <summary>What tells of this computer, made when it is first asked: most commands never do.</summary>
internal sealed class DeferredInventorySource(Func<IHostInventorySource> create) : IHostInventorySource
{
    private readonly Lazy<IHostInventorySource> _source = new(create);

    public ValueTask<HostInventory> CollectAsync(CancellationToken cancellationToken) => _source.Value.CollectAsync(cancellationToken);
}
