using Defuse.Diagnostics;

namespace Defuse;

/// <summary>What any program can tell of the computer that it runs on.</summary>
internal sealed class BareInventorySource : IHostInventorySource
{
    public ValueTask<HostInventory> CollectAsync(CancellationToken cancellationToken) => ValueTask.FromResult(new HostInventory
    {
        System = new HostSystem
        {
            Kind = OperatingSystem.IsWindows() ? HostKind.Windows : OperatingSystem.IsLinux() ? HostKind.Linux : OperatingSystem.IsMacOS() ? HostKind.MacOs : HostKind.Other,
            Version = System.Runtime.InteropServices.RuntimeInformation.OSDescription,
            IsElevated = Environment.IsPrivilegedProcess,
        },
    });
}
