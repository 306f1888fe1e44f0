using Defuse.Transports;

namespace Defuse.Platform.Tests.LibUsb;

/// <summary>An operating system that tells what a test wants.</summary>
internal sealed class FakeInventory(bool isComplete) : IUsbInventory
{
    public bool IsComplete => isComplete;

    public IReadOnlyList<UsbDeviceInfo> Devices { get; set; } = [];

    public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Devices);
}
