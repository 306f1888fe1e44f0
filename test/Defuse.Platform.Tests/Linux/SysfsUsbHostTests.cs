using Defuse.Platform.Linux;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Linux;

/// <summary>The list of Linux's USB devices, from a tree laid out as sysfs lays it out.</summary>
public sealed class SysfsUsbHostTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("defuse-sysfs-").FullName;
    private readonly SysfsUsbHost _host;

    public SysfsUsbHostTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sysfs is Linux's, and its symbolic links need no privilege there");
        Directory.CreateDirectory(Path.Combine(_folder, "bus"));
        _host = new SysfsUsbHost(Path.Combine(_folder, "bus"));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_device_is_described_as_sysfs_does()
    {
        Dfu("1-4.2");
        var device = Assert.Single(await _host.ListAsync(default));
        Assert.Equal(
            ("1-4.2", (ushort)0x0483, (ushort)0xDF11, (ushort)0x2200, UsbSpeed.Full),
            (device.Location, device.VendorId, device.ProductId, device.DeviceRelease, device.Speed));
        Assert.Equal(("STM32  BOOTLOADER", "205B33875532"), (device.Product, device.SerialNumber));
        Assert.Equal([new UsbInterfaceInfo(0xFE, 1, 2), new UsbInterfaceInfo(3, 0, 0)], device.Interfaces);
        Assert.Contains("usbip bind -b 1-4.2", device.Problem!.Remedy, StringComparison.Ordinal);
        Assert.Contains("usbip://localhost/1-4.2", device.Problem.Remedy, StringComparison.Ordinal);
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
        Assert.Equal(["1-4", "1-4.2", "12-1.10.3"], (await _host.ListAsync(default)).Select(x => x.Location));
    }

    [Fact]
    public async Task What_is_not_told_is_left_out()
    {
        Entry("3-1", ("idVendor", "0483"), ("idProduct", "374b"), ("speed", "unknown"), ("product", "\n"));
        var device = Assert.Single(await _host.ListAsync(default));
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
        Assert.Equal(speed, Assert.Single(await _host.ListAsync(default)).Speed);
    }

    [Fact]
    public async Task Opening_says_what_stands_in_the_way()
    {
        Dfu("1-4.2");
        var e = await Assert.ThrowsAsync<TransportException>(async () => await _host.OpenAsync("1-4.2", default));
        var problem = Assert.Single(await _host.ListAsync(default)).Problem!;
        Assert.Equal((TransportFailure.CannotOpen, problem.Reason, problem.Remedy), (e.Failure, e.Message, e.Remedy));
        foreach (var location in (string[])["1-4.3", "usb1", "../bus/1-4.2", "1-4.2\n", ""])
        {
            e = await Assert.ThrowsAsync<TransportException>(async () => await _host.OpenAsync(location, default));
            Assert.Equal(TransportFailure.Disconnected, e.Failure);
        }
    }

    [Fact]
    public async Task A_device_that_is_exported_already_needs_no_second_export()
    {
        Dfu("1-4.2");
        Link("driver", "../../drivers/usbip-host", "1-4.2");
        var remedy = Assert.Single(await _host.ListAsync(default)).Problem!.Remedy;
        Assert.DoesNotContain("usbip bind", remedy, StringComparison.Ordinal);
        Assert.Contains("usbip://localhost/1-4.2", remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_was_imported_is_not_to_be_exported_again()
    {
        var real = Directory.CreateDirectory(Path.Combine(_folder, "platform", "vhci_hcd.0", "usb1", "1-1")).FullName;
        File.WriteAllText(Path.Combine(real, "idVendor"), "0483\n");
        File.WriteAllText(Path.Combine(real, "idProduct"), "df11\n");
        Link("1-1", "../platform/vhci_hcd.0/usb1/1-1", "");
        var remedy = Assert.Single(await _host.ListAsync(default)).Problem!.Remedy;
        Assert.Contains("usbip detach", remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("usbip bind", remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_usb_has_no_devices()
    {
        Assert.Empty(await new SysfsUsbHost(Path.Combine(_folder, "nothing")).ListAsync(default));
        await PlatformUsb.CreateHost().ListAsync(default);
    }

    [Fact]
    public async Task An_operating_system_whose_usb_is_out_of_reach_lists_nothing_and_says_why()
    {
        Assert.Empty(await new BlindUsbHost().ListAsync(default));
        var e = await Assert.ThrowsAsync<TransportException>(async () => await new BlindUsbHost().OpenAsync("1-1", default));
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Contains("usbip://", e.Remedy, StringComparison.Ordinal);
    }

    private void Dfu(string portChain)
    {
        Entry(
            portChain,
            ("idVendor", "0483"), ("idProduct", "df11"), ("bcdDevice", "2200"), ("speed", "12"), ("product", "STM32  BOOTLOADER"), ("serial", "205B33875532"));
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
