using Defuse.Platform.Linux;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Linux;

/// <summary>The list of Linux's USB devices, from a tree laid out as sysfs lays it out.</summary>
public sealed class SysfsInventoryTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("defuse-sysfs-").FullName;
    private readonly SysfsInventory _inventory;
    private readonly Dictionary<string, int> _errnoOf = [];

    public SysfsInventoryTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sysfs is Linux's, and its symbolic links need no privilege there");
        Directory.CreateDirectory(Path.Combine(_folder, "bus"));
        _inventory = new SysfsInventory(Path.Combine(_folder, "bus"), "/dev/bus/usb", x => _errnoOf.GetValueOrDefault(x));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_device_is_described_as_sysfs_does()
    {
        Dfu("1-4.2");
        var device = Assert.Single(await _inventory.ListAsync(default));
        Assert.Equal(
            ("1-4.2", (ushort)0x0483, (ushort)0xDF11, (ushort)0x2200, UsbSpeed.Full),
            (device.Location, device.VendorId, device.ProductId, device.DeviceRelease, device.Speed));
        Assert.Equal(("STM32  BOOTLOADER", "205B33875532"), (device.Product, device.SerialNumber));
        Assert.Equal([new UsbInterfaceInfo(0xFE, 1, 2), new UsbInterfaceInfo(3, 0, 0)], device.Interfaces);
        Assert.Equal((byte)17, device.DeviceAddress);
        Assert.Null(device.Problem);
    }

    [Fact]
    public async Task Root_hubs_interfaces_and_what_vanishes_are_no_devices()
    {
        Dfu("1-4");
        Dfu("1-4.2");
        Dfu("12-1.10.3");
        Entry("usb1", ("idVendor", "1d6b"), ("idProduct", "0002"));
        Entry("1-0:1.0", ("bInterfaceNumber", "00"));
        Entry("1-9");
        Assert.Equal(["1-4", "1-4.2", "12-1.10.3"], (await _inventory.ListAsync(default)).Select(x => x.Location));
    }

    [Fact]
    public async Task What_is_not_told_is_left_out()
    {
        Entry("3-1", ("idVendor", "0483"), ("idProduct", "374b"), ("speed", "unknown"), ("product", "\n"));
        var device = Assert.Single(await _inventory.ListAsync(default));
        Assert.Equal((null, null, UsbSpeed.Unknown, (ushort)0), (device.Product, device.SerialNumber, device.Speed, device.DeviceRelease));
        Assert.Empty(device.Interfaces);
    }

    [Theory]
    [InlineData("1.5", UsbSpeed.Low)]
    [InlineData("480", UsbSpeed.High)]
    [InlineData("5000", UsbSpeed.Super)]
    [InlineData("20000", UsbSpeed.SuperPlus)]
    public async Task Speeds_are_in_megabits(string text, UsbSpeed speed)
    {
        Entry("3-1", ("idVendor", "0483"), ("idProduct", "374b"), ("speed", text));
        Assert.Equal(speed, Assert.Single(await _inventory.ListAsync(default)).Speed);
    }

    [Fact]
    public async Task One_device_is_found_by_its_place()
    {
        Dfu("1-4");
        Dfu("1-4.2");
        Assert.Equal("1-4.2", (await _inventory.FindAsync("1-4.2", default))!.Location);
        Assert.Equal(2, (await _inventory.FindAsync("1-4", default))!.Interfaces.Length);
        foreach (var location in (string[])["1-4.3", "usb1", "../bus/1-4.2", "1-4.2\n", ""])
        {
            Assert.Null(await _inventory.FindAsync(location, default));
        }
    }

    [Fact]
    public async Task Who_may_not_open_a_device_reads_which_udev_rule_lets_him()
    {
        Dfu("1-4.2");
        _errnoOf["/dev/bus/usb/001/017"] = 13;
        var problem = await ProblemAsync();
        Assert.Equal(AccessFailure.PermissionDenied, problem.Failure);
        Assert.Contains("/etc/udev/rules.d/61-defuse.rules", problem.Remedy, StringComparison.Ordinal);
        Assert.Contains(
            "SUBSYSTEM==\"usb\", ATTR{idVendor}==\"0483\", ATTR{idProduct}==\"df11\", TAG+=\"uaccess\", MODE=\"0664\", GROUP=\"plugdev\"'", problem.Remedy, StringComparison.Ordinal);
        Assert.Contains("sudo udevadm control --reload && sudo udevadm trigger", problem.Remedy, StringComparison.Ordinal);
        Assert.Contains("sudo usermod -aG plugdev $USER", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_without_a_node_is_one_that_a_container_was_not_given()
    {
        Dfu("1-4.2");
        _errnoOf["/dev/bus/usb/001/017"] = 2;
        var problem = await ProblemAsync();
        Assert.Equal(AccessFailure.PermissionDenied, problem.Failure);
        Assert.Contains("/dev/bus/usb/001/017", problem.Reason, StringComparison.Ordinal);
        Assert.Contains("container", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_is_exported_is_used_over_usbip()
    {
        Dfu("1-4.2");
        Link("driver", "../../drivers/usbip-host", "1-4.2");
        var problem = await ProblemAsync();
        Assert.Equal((AccessFailure.InUse, "usbip-host"), (problem.Failure, problem.Driver));
        Assert.Contains("usbip://localhost/1-4.2", problem.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("usbfs", "1-4.2:1.0", AccessFailure.InUse)]
    [InlineData("usbfs", "1-4.2:1.1", null)]
    [InlineData("some_driver", "1-4.2:1.0", null)]
    public async Task Only_a_program_at_the_DFU_interface_stands_in_the_way(string driver, string entry, AccessFailure? expected)
    {
        Dfu("1-4.2");
        Link("driver", "../../drivers/" + driver, entry);
        Assert.Equal(expected, Assert.Single(await _inventory.ListAsync(default)).Problem?.Failure);
    }

    [Theory]
    [InlineData("authorized", "0", AccessFailure.PermissionDenied)]
    [InlineData("authorized", "1", null)]
    [InlineData("bConfigurationValue", "", AccessFailure.EnumerationFailed)]
    [InlineData("bConfigurationValue", "1", null)]
    public async Task What_the_kernel_left_undone_is_said(string attribute, string text, AccessFailure? expected)
    {
        Dfu("1-4.2");
        Entry("1-4.2", (attribute, text));
        Assert.Equal(expected, Assert.Single(await _inventory.ListAsync(default)).Problem?.Failure);
    }

    [Fact]
    public async Task A_device_that_leaves_while_it_is_described_did_not_fail_to_enumerate()
    {
        // Like an attribute of a device that has left, that file opens, and reading it fails (proc_pid_mem(5): nothing is mapped at 0).
        Dfu("1-4.2");
        File.Delete(Path.Combine(_folder, "bus", "1-4.2", "bConfigurationValue"));
        File.CreateSymbolicLink(Path.Combine(_folder, "bus", "1-4.2", "bConfigurationValue"), "/proc/self/mem");
        Assert.Null(Assert.Single(await _inventory.ListAsync(default)).Problem);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("18")]
    public async Task A_device_that_leaves_while_it_is_described_is_not_mixed_with_what_comes(string? next)
    {
        Dfu("1-4.2");
        var address = Path.Combine(_folder, "bus", "1-4.2", "devnum");
        var inventory = new SysfsInventory(Path.Combine(_folder, "bus"), "/dev/bus/usb", Leaving);
        Assert.Empty(await inventory.ListAsync(default));

        int Leaving(string node)
        {
            File.Delete(address);
            if (next is not null)
            {
                File.WriteAllText(address, next);
            }

            return 0;
        }
    }

    [Fact]
    public async Task A_machine_without_usb_has_no_devices()
    {
        Assert.Empty(await new SysfsInventory(Path.Combine(_folder, "nothing"), "/dev/bus/usb", _ => 0).ListAsync(default));
        await PlatformUsb.CreateHost().ListAsync(default);
    }

    private async Task<AccessProblem> ProblemAsync() => Assert.Single(await _inventory.ListAsync(default)).Problem!;

    private void Dfu(string portChain)
    {
        Entry(
            portChain,
            ("idVendor", "0483"), ("idProduct", "df11"), ("bcdDevice", "2200"), ("speed", "12"), ("busnum", "1"), ("devnum", "17"), ("product", "STM32  BOOTLOADER"), ("serial", "205B33875532"));
        Entry(portChain + ":1.1", ("bInterfaceNumber", "01"), ("bInterfaceClass", "03"), ("bInterfaceSubClass", "00"), ("bInterfaceProtocol", "00"));
        Entry(portChain + ":1.0", ("bInterfaceNumber", "00"), ("bInterfaceClass", "fe"), ("bInterfaceSubClass", "01"), ("bInterfaceProtocol", "02"));
    }

    private void Entry(string name, params (string Attribute, string Text)[] attributes)
    {
        var folder = Directory.CreateDirectory(Path.Combine(_folder, "bus", name)).FullName;
        foreach (var (attribute, text) in attributes)
        {
            File.WriteAllText(Path.Combine(folder, attribute), text + "\n");
        }
    }

    private void Link(string name, string target, string entry) => File.CreateSymbolicLink(Path.Combine(_folder, "bus", entry, name), target);
}
