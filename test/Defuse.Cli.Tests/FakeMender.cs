using Defuse.Diagnostics;

namespace Defuse.Cli.Tests;

/// <summary>Mends as a test wants it.</summary>
internal sealed class FakeMender(Mending? plan) : IMender
{
    public FakeMender(MendingResult result)
        : this((Mending?)null) => Plan = new Mending("let this user open boards", ["Write a rule:", "  SUBSYSTEM==\"usb\""], _ =>
        {
            Applied++;
            return ValueTask.FromResult(result);
        });

    public int Applied { get; private set; }

    private Mending? Plan { get; } = plan;

    public ValueTask<Mending?> PlanFixAsync(HostInventory inventory, CancellationToken cancellationToken) => ValueTask.FromResult(Plan);

    public ValueTask<Mending?> PlanUndoAsync(HostInventory inventory, CancellationToken cancellationToken) => ValueTask.FromResult(Plan);
}
