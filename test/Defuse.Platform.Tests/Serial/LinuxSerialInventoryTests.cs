using System.Runtime.Versioning;
using Defuse.Platform.Serial;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Serial;

/// <summary>The list of Linux's serial ports, from a tree laid out as sysfs lays it out.</summary>
[SupportedOSPlatform("linux")]
public sealed class LinuxSerialInventoryTests : IDisposable
{
    private const string Usb = "devices/pci0000:00/0000:00:14.0/usb1";

    private readonly string _folder = Directory.CreateTempSubdirectory("defuse-tty-").FullName;
    private readonly LinuxSerialInventory _inventory;
    private readonly Dictionary<string, int> _errnoOf = [];

    public LinuxSerialInventoryTests()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "sysfs is Linux's, and its symbolic links need no privilege there");
        Directory.CreateDirectory(In("class/tty"));
        Directory.CreateDirectory(In("dev"));
        _inventory = new LinuxSerialInventory(In("class/tty"), In("dev"), x => _errnoOf.GetValueOrDefault(Path.GetFileName(x)));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_port_of_a_board_is_described_with_the_interface_behind_it()
    {
        StLink();
        Assert.Equal(
            new SerialPortInfo
            {
                Name = In("dev/ttyACM0"),
                UsbLocation = "1-4.2",
                InterfaceNumber = 2,
                VendorId = 0x0483,
                ProductId = 0x374B,
                Product = "STM32 STLink",
                SerialNumber = "066DFF555185754867101234",
                Driver = "cdc_acm",
            },
            Assert.Single(await _inventory.ListAsync(default)));
    }

    [Fact]
    public async Task An_adapter_has_a_device_of_its_own_between_the_port_and_the_interface()
    {
        Device(Usb + "/1-3", ("idVendor", "10c4"), ("idProduct", "ea60"), ("product", "CP2102N USB to UART Bridge Controller"));
        Device(Usb + "/1-3/1-3:1.0", ("bInterfaceNumber", "00"));
        Driver(Usb + "/1-3/1-3:1.0", "cp210x");
        Device(Usb + "/1-3/1-3:1.0/ttyUSB0");
        Driver(Usb + "/1-3/1-3:1.0/ttyUSB0", "cp210x");
        Port("ttyUSB0", Usb + "/1-3/1-3:1.0/ttyUSB0");
        var port = Assert.Single(await _inventory.ListAsync(default));
        Assert.Equal(
            ("1-3", (byte?)0, (ushort?)0x10C4, (ushort?)0xEA60, "cp210x", null),
            (port.UsbLocation, port.InterfaceNumber, port.VendorId, port.ProductId, port.Driver, port.SerialNumber));
    }

    [Fact]
    public async Task Terminals_and_places_for_ports_that_are_not_there_are_no_ports()
    {
        // A console and a virtual terminal have no device at all.
        Device("devices/virtual/tty/tty0");
        Link("class/tty/tty0", In("devices/virtual/tty/tty0"));
        Port("ttyS0", "devices/pnp0/00:05", ("type", "4"));
        Driver("devices/pnp0/00:05", "serial");
        for (var i = 1; i < 32; i++)
        {
            Port($"ttyS{i}", "devices/platform/serial8250", ("type", "0"));
        }

        var port = Assert.Single(await _inventory.ListAsync(default));
        Assert.Equal((In("dev/ttyS0"), "serial", null), (port.Name, port.Driver, port.UsbLocation));
    }

    [Fact]
    public async Task Where_only_root_reads_what_is_there_the_PCs_places_are_left_out()
    {
        Port("ttyS0", "devices/pnp0/00:05");
        Port("ttyS1", "devices/platform/serial8250");
        Assert.Equal([In("dev/ttyS0")], (await _inventory.ListAsync(default)).Select(x => x.Name));
    }

    [Fact]
    public async Task A_port_that_recent_kernels_put_two_devices_above_has_its_own_drivers_name()
    {
        Device("devices/platform/soc/40004400.serial");
        Driver("devices/platform/soc/40004400.serial", "stm32-usart");
        Device("devices/platform/soc/40004400.serial/40004400.serial:0");
        Driver("devices/platform/soc/40004400.serial/40004400.serial:0", "ctrl");
        Device("devices/platform/soc/40004400.serial/40004400.serial:0/40004400.serial:0.0");
        Driver("devices/platform/soc/40004400.serial/40004400.serial:0/40004400.serial:0.0", "port");
        Port("ttySTM0", "devices/platform/soc/40004400.serial/40004400.serial:0/40004400.serial:0.0", ("type", "113"));
        Assert.Equal("stm32-usart", Assert.Single(await _inventory.ListAsync(default)).Driver);
    }

    [Fact]
    public async Task Ports_come_in_the_order_of_their_numbers()
    {
        foreach (var number in (int[])[10, 2, 0])
        {
            Port($"ttyACM{number}", "devices/platform/soc");
        }

        Port("ttyAMA1", "devices/platform/soc");
        Assert.Equal(["ttyACM0", "ttyACM2", "ttyACM10", "ttyAMA1"], (await _inventory.ListAsync(default)).Select(x => Path.GetFileName(x.Name)));
    }

    [Fact]
    public async Task A_nodes_group_is_the_one_that_other_programs_name()
    {
        File.WriteAllText(In("dev/ttyACM0"), "");
        File.SetUnixFileMode(In("dev/ttyACM0"), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        var node = SerialNode.Read(In("dev/ttyACM0"));
        Assert.Equal((await Programs.RunAsync("stat", "-c", "%G", In("dev/ttyACM0")), true), (node.Group, node.IsForGroup));
    }

    [Fact]
    public void Who_may_not_open_a_port_reads_which_group_may()
    {
        var problem = new SerialNode("/dev/ttyACM0", "dialout", IsForGroup: true).Denied();
        Assert.Equal(AccessFailure.PermissionDenied, problem.Failure);
        Assert.Equal("this user may not open /dev/ttyACM0: only root and the group dialout may", problem.Reason);
        Assert.Equal("Join the group: `sudo usermod -aG dialout $USER`, then log out and in again", problem.Remedy);
    }

    [Fact]
    public async Task Where_no_group_may_open_a_port_none_is_to_be_joined()
    {
        StLink();
        File.WriteAllText(In("dev/ttyACM0"), "");
        File.SetUnixFileMode(In("dev/ttyACM0"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        _errnoOf["ttyACM0"] = 13;
        var problem = Assert.Single(await _inventory.ListAsync(default)).Problem!;
        Assert.EndsWith("only root may", problem.Reason, StringComparison.Ordinal);
        Assert.Contains("sudo chmod a+rw", problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_port_without_a_node_is_one_that_a_container_was_not_given()
    {
        StLink();
        _errnoOf["ttyACM0"] = 2;
        var problem = Assert.Single(await _inventory.ListAsync(default)).Problem!;
        Assert.Contains("container", problem.Remedy, StringComparison.Ordinal);
        Assert.Contains(In("dev/ttyACM0"), problem.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_link_of_udevs_leads_to_the_same_board_and_keeps_its_name()
    {
        StLink();
        File.WriteAllText(In("dev/ttyACM0"), "");
        Directory.CreateDirectory(In("dev/serial/by-id"));
        Link("dev/serial/by-id/usb-ST", "../../ttyACM0");
        var port = await _inventory.FindAsync(In("dev/serial/by-id/usb-ST"), default);
        Assert.Equal((In("dev/serial/by-id/usb-ST"), "1-4.2"), (port.Name, port.UsbLocation));
        Assert.Equal(new SerialPortInfo { Name = "/dev/pts/7" }, await _inventory.FindAsync("/dev/pts/7", default));
    }

    [Fact]
    public async Task A_machine_without_sysfs_has_no_ports() =>
        Assert.Empty(await new LinuxSerialInventory(In("nothing"), "/dev", _ => 0).ListAsync(default));

    [Fact]
    public void The_programs_that_have_a_port_open_are_named()
    {
        foreach (var (id, name, file) in (ReadOnlySpan<(int, string, string)>)[(12, "picocom", "/dev/ttyACM0"), (13, "bash", "/dev/pts/1"), (14, "ModemManager", "/dev/ttyACM0")])
        {
            Directory.CreateDirectory(In($"proc/{id}/fd"));
            File.WriteAllText(In($"proc/{id}/comm"), name + "\n");
            Link($"proc/{id}/fd/3", file);
        }

        Directory.CreateDirectory(In("proc/self"));
        Assert.Equal(["ModemManager (14)", "picocom (12)"], PortHolders.Find("/dev/ttyACM0", In("proc")).Order(StringComparer.Ordinal));
        Assert.Empty(PortHolders.Find("/dev/ttyACM1", In("proc")));

        // By udev's name of it: what is open is the node.
        File.WriteAllText(In("ttyACM7"), "");
        Link("by-id", "ttyACM7");
        Directory.CreateDirectory(In("proc/15/fd"));
        Link("proc/15/fd/3", In("ttyACM7"));
        Assert.Equal(["a program (15)"], PortHolders.Find(In("by-id"), In("proc")));
        Assert.Empty(PortHolders.Find("/dev/ttyACM0", In("nothing")));
    }

    private string In(string path) => Path.Combine(_folder, path);

    private void StLink()
    {
        Device(
            Usb + "/1-4/1-4.2",
            ("idVendor", "0483"), ("idProduct", "374b"), ("product", "STM32 STLink"), ("serial", "066DFF555185754867101234"));
        Device(Usb + "/1-4/1-4.2/1-4.2:1.2", ("bInterfaceNumber", "02"));
        Driver(Usb + "/1-4/1-4.2/1-4.2:1.2", "cdc_acm");
        Port("ttyACM0", Usb + "/1-4/1-4.2/1-4.2:1.2");
    }

    private void Device(string path, params (string Name, string Text)[] attributes)
    {
        Directory.CreateDirectory(In(path));
        foreach (var (name, text) in attributes)
        {
            File.WriteAllText(In(Path.Combine(path, name)), text + "\n");
        }
    }

    // As the kernel has it: class/tty/NAME leads to DEVICE/tty/NAME, where "device" leads back to DEVICE.
    private void Port(string name, string device, params (string Name, string Text)[] attributes)
    {
        Device($"{device}/tty/{name}", attributes);
        Link($"{device}/tty/{name}/device", "../../../" + Path.GetFileName(device));
        Link($"class/tty/{name}", "../../" + $"{device}/tty/{name}");
    }

    private void Driver(string device, string name) => Link(device + "/driver", "/sys/bus/any/drivers/" + name);

    private void Link(string path, string target) => File.CreateSymbolicLink(In(path), target);
}
