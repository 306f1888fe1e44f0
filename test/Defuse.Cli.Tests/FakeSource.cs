using Defuse.Diagnostics;
using Defuse.Transports;

namespace Defuse.Cli.Tests;

/// <summary>A computer with what a test plugs in: one inventory after the other, the last one for good.</summary>
internal sealed class FakeSource(params HostInventory[] inventories) : IHostInventorySource
{
    private int _looked;

    /// <summary>A computer with a board in DFU mode that this user may not open.</summary>
    public static HostInventory Closed => Open with
    {
        UsbDevices =
        [
            Open.UsbDevices[0] with
            {
                Problem = new AccessProblem(AccessFailure.PermissionDenied, "this user may not open the device (no udev rule allows it)", "Allow it"),
                HeldBy = [],
            },
        ],
    };

    /// <summary>The same, and nothing stands in the way.</summary>
    public static HostInventory Open => new()
    {
        System = new HostSystem { Kind = HostKind.Linux, Version = "Debian GNU/Linux 12 (bookworm)", HasUdev = true, GivesUserAccess = true, Groups = ["plugdev"] },
        UsbDevices =
        [
            new SeenUsbDevice
            {
                Location = "1-4",
                VendorId = 0x0483,
                ProductId = 0xDF11,
                DeviceRelease = 0x2200,
                Manufacturer = "STMicroelectronics",
                Product = "STM32  BOOTLOADER",
                SerialNumber = "205B33875532",
                Speed = UsbSpeed.Full,
                Interfaces = [new SeenInterface(0, 0xFE, 1, 2)],
            },
        ],
    };

    public ValueTask<HostInventory> CollectAsync(CancellationToken cancellationToken) =>
        ValueTask.FromResult(inventories[Math.Min(_looked++, inventories.Length - 1)]);
}
