using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Platform.Linux;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Linux;

/// <summary>All that is told of a Linux, from trees laid out as its documents say.</summary>
public sealed class LinuxHostInventoryTests : IDisposable
{
    private const string Layout = "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg";

    private readonly LinuxTree _tree = new();

    public LinuxHostInventoryTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "these trees have Linux's symbolic links");

    public void Dispose() => _tree.Dispose();

    [Fact]
    public async Task A_Nucleo_with_both_cables_is_seen_whole_and_is_one_board()
    {
        Nucleo();
        var seen = await _tree.CollectAsync();
        Assert.Equal(["1-4.1", "1-4.2"], seen.UsbDevices.Select(x => x.Location));
        var (probe, rom) = (seen.UsbDevices[0], seen.UsbDevices[1]);
        Assert.Equal(
            ((ushort)0x0483, (ushort)0x374B, "STMicroelectronics", "STM32 STLink", "066DFF55", UsbSpeed.Full, "usb", 1, "xhci_hcd"),
            (probe.VendorId, probe.ProductId, probe.Manufacturer, probe.Product, probe.SerialNumber, probe.Speed, probe.Driver, probe.Hubs, probe.HostController));
        Assert.Equal(
            [new SeenInterface(0, 0xFF, 0xFF, 0xFF, Name: "ST-Link Debug"), new SeenInterface(1, 8, 6, 0x50, "usb-storage"), new SeenInterface(2, 2, 2, 1, "cdc_acm")], probe.Interfaces);
        Assert.Equal(("STM32  BOOTLOADER", (ushort)0x2200, Layout), (rom.Product, rom.DeviceRelease, rom.Interfaces[0].Name));
        Assert.Equal(("/dev/ttyACM0", "1-4.1", (byte?)2, "cdc_acm", "dialout"), seen.SerialPorts[0] is var p ? (p.Name, p.UsbLocation, p.InterfaceNumber, p.Driver, p.Group) : default);
        Assert.Equal(("/media/me/NODE F767ZI", "NODE_F767ZI", "1-4.1", "0818"), seen.Volumes[0] is var v ? (v.Path, v.Label, v.UsbLocation, v.MbedId) : default);
        Assert.Empty(seen.Unseen);

        var board = Assert.Single(BoardJoin.Join(seen, BoardDatabase.Default));
        Assert.Equal(("NUCLEO-F767ZI", BoardMode.Dfu), (board.Name, board.Mode));
    }

    [Fact]
    public async Task Hubs_are_no_devices_and_count_on_the_way()
    {
        _tree.Bus(1).Device("1-4", "idVendor=05e3", "idProduct=0610").Interface("1-4", 0, "090001", "hub").Device("1-4.2", "idVendor=05e3", "idProduct=0608").Interface("1-4.2", 0, "090002", "hub");
        Rom("1-4.2.10");
        var device = Assert.Single((await _tree.CollectAsync()).UsbDevices);
        Assert.Equal(("1-4.2.10", 2), (device.Location, device.Hubs));
    }

    [Fact]
    public async Task What_comes_over_USB_IP_hangs_on_its_controller_and_what_goes_has_its_problem()
    {
        _tree.Bus(1).Bus(3, "platform/vhci_hcd.0", "vhci_hcd");
        Rom("1-1");
        Rom("3-1");
        _tree.Device("1-2", "idVendor=0483", "idProduct=374b").Link("sys/devices/pci0000:00/0000:00:14.0/usb1/1-2/driver", "../../../../../bus/usb/drivers/usbip-host");
        var seen = await _tree.CollectAsync();
        Assert.Equal(["xhci_hcd", "xhci_hcd", "vhci_hcd"], seen.UsbDevices.Select(x => x.HostController));
        Assert.Equal((AccessFailure.InUse, "usbip-host"), (seen.UsbDevices[1].Problem!.Failure, seen.UsbDevices[1].Driver));
        Assert.Null(seen.UsbDevices[2].Problem);
    }

    [Fact]
    public async Task Only_what_speaks_DFU_has_a_problem_with_being_opened()
    {
        Nucleo();
        _tree.ErrnoOf["/dev/bus/usb/001/011"] = 13;
        _tree.ErrnoOf["/dev/bus/usb/001/012"] = 13;
        var seen = await _tree.CollectAsync();
        Assert.Null(seen.UsbDevices[0].Problem);
        Assert.Equal(AccessFailure.PermissionDenied, seen.UsbDevices[1].Problem!.Failure);
    }

    [Fact]
    public async Task Who_holds_a_device_or_a_port_is_told()
    {
        Nucleo();
        _tree.Program(100, "picocom", "/dev/pts/0", "/dev/ttyACM0").Program(101, "dfu-util", "/dev/bus/usb/001/012", "/dev/bus/usb/001/012").Program(102, "bash", "/dev/ttyACM01");
        _tree.Program(4242, "defuse", "/dev/ttyACM0");
        var seen = await _tree.CollectAsync();
        Assert.Equal(["picocom (100)"], seen.SerialPorts[0].HeldBy);
        Assert.Empty(seen.UsbDevices[0].HeldBy);
        Assert.Equal(["dfu-util (101)"], seen.UsbDevices[1].HeldBy);
    }

    [Fact]
    public async Task Processes_are_not_gone_through_where_nobody_asks_for_them()
    {
        Nucleo();
        _tree.Program(100, "picocom", "/dev/ttyACM0").Program(101, "ModemManager");
        var seen = await _tree.CollectAsync(lookAtPrograms: false);
        Assert.Empty(seen.SerialPorts[0].HeldBy);
        Assert.False(seen.System.HasModemManager);
        Assert.Empty(seen.Unseen);
        Assert.True((await _tree.CollectAsync()).System.HasModemManager);
    }

    [Theory]
    [InlineData("c189:10", "E:ID_MM_DEVICE_IGNORE=1", true)]
    [InlineData("c166:0", "E:ID_MM_PORT_IGNORE=1", true)]
    [InlineData("c166:0", "E:ID_MM_PORT_IGNORE=0", false)]
    [InlineData("c166:0", "E:ID_BUS=usb", false)]
    [InlineData("c166:1", "E:ID_MM_PORT_IGNORE=1", false)]
    public async Task A_rule_that_keeps_ModemManager_away_is_seen(string record, string line, bool expected)
    {
        Nucleo();
        _tree.File($"run/udev/data/{record}", $"I:123\n{line}\nG:systemd\n").Program(77, "ModemManager");
        var seen = await _tree.CollectAsync();
        Assert.Equal(expected, seen.SerialPorts[0].IsIgnoredByModemManager);
        Assert.True(seen.System.HasModemManager);
    }

    [Fact]
    public async Task A_drive_that_is_not_mounted_is_known_by_its_label()
    {
        Nucleo();
        _tree.Disk("sdc", "1-4.2", "8:32").File("run/udev/data/b8:32", "E:ID_FS_LABEL=DAPLINK\n").Disk("sdd", "1-4.2", "8:48");
        Assert.Equal([("NODE_F767ZI", "/media/me/NODE F767ZI"), ("DAPLINK", null)], (await _tree.CollectAsync()).Volumes.Select(x => (x.Label, x.Path)));
    }

    [Fact]
    public async Task A_disk_is_not_looked_into()
    {
        _tree.Bus(1).Device("1-1", "idVendor=0781", "idProduct=5567").Interface("1-1", 1, "080650", "usb-storage");
        _tree.Disk("sda", "1-1", "8:0", "/media/me/stick", sectors: 62_500_000).File("media/me/stick/INFO_UF2.TXT", "Model: a trap\n");
        Assert.Empty((await _tree.CollectAsync()).Volumes);
    }

    [Theory]
    [InlineData("MBED.HTM", "<meta http-equiv=\"refresh\" content=\"0; url=http://mbed.org/device/?code=08180221066DFF54\"/>", "0818", null, null)]
    [InlineData("MBED.HTM", "<a href=\"https://www.st.com\">", null, null, null)]
    [InlineData("MBED.HTM", "?code=zzzz", null, null, null)]
    [InlineData("MBED.HTM", "?code=08", null, null, null)]
    [InlineData("DETAILS.TXT", "# DAPLink Firmware\r\nUnique ID: 9904360254194e45003f8011\r\n", "9904", null, null)]
    [InlineData("DETAILS.TXT", "Version: 0221\r\nBuild: Jan 7 2015\r\n", null, null, null)]
    [InlineData("INFO_UF2.TXT", "TinyUF2 Bootloader 0.9\r\nModel: Feather STM32F405 Express\r\nBoard-ID: STM32F405-Feather-v0\r\n", null, "Feather STM32F405 Express", null)]
    [InlineData("INFO_UF2.TXT", "Board-ID: RPI-RP2\n", null, "RPI-RP2", null)]
    [InlineData("FAIL.TXT", "error: The interface firmware\r\nFAILED to reset\u001b[31m the target\r\n", null, null, "error: The interface firmware FAILED to reset[31m the target")]
    public async Task The_files_of_a_drive_say_what_it_is(string file, string text, string? id, string? board, string? failure)
    {
        Probe("1-1");
        _tree.Disk("sdb", "1-1", "8:16", "/mnt/b").File($"mnt/b/{file}", text);
        var volume = Assert.Single((await _tree.CollectAsync()).Volumes);
        Assert.Equal((id, board, failure), (volume.MbedId, volume.Uf2Board, volume.Failure));
    }

    [Fact]
    public async Task Hostile_files_and_strings_are_bounded_and_harmless()
    {
        Probe("1-1");
        _tree.Disk("sdb", "1-1", "8:16", "/mnt/b").File("mnt/b/FAIL.TXT", new string('A', 3_000_000)).File("mnt/b/DETAILS.TXT", new string('\0', 100_000));
        _tree.Link("mnt/b/INFO_UF2.TXT", "/etc/passwd");
        _tree.Device("1-1", "product=\u001b]0;owned\a STLink\u202e", "manufacturer=\u0001");
        var seen = await _tree.CollectAsync();
        Assert.Equal(200, seen.Volumes[0].Failure!.Length);
        Assert.Null(seen.Volumes[0].Uf2Board);
        Assert.Equal(("]0;owned STLink", null), (seen.UsbDevices[0].Product, seen.UsbDevices[0].Manufacturer));
    }

    [Theory]
    [InlineData(@"/media/me/NODE\040F767ZI", "/media/me/NODE F767ZI")]
    [InlineData(@"/a\011b\012c\134d", "/a\tb\nc\\d")]
    [InlineData(@"/a\04", @"/a\04")]
    [InlineData(@"/a\08x1", @"/a\08x1")]
    [InlineData("/café", "/café")]
    public void Mount_points_are_unescaped(string text, string expected) => Assert.Equal(expected, LinuxVolumes.Unescape(text));

    [Fact]
    public async Task The_system_is_described()
    {
        _tree.Bus(1).File("run/udev/control", "").File("run/systemd/seats/seat0", "# This is private data. Do not parse.\nIS_SEAT0=1\nACTIVE=2\nACTIVE_UID=1000\n");
        var system = (await _tree.CollectAsync()).System;
        Assert.Equal((HostKind.Linux, "Debian GNU/Linux 12 (bookworm)"), (system.Kind, system.Version));
        Assert.Equal(["dialout", "me"], system.Groups);
        Assert.Equal((true, true, true), (system.HasUsb, system.HasUdev, system.GivesUserAccess));
        Assert.Equal((false, false, false, null), (system.IsElevated, system.IsWsl, system.HasModemManager, system.Container));
    }

    [Fact]
    public async Task Somebody_elses_seat_gives_this_user_nothing()
    {
        _tree.File("run/systemd/seats/seat0", "IS_SEAT0=1\nACTIVE_UID=1001\n");
        Assert.False((await _tree.CollectAsync()).System.GivesUserAccess);
        _tree.File("proc/self/status", "Uid:\t1000\t0\t0\t0\nGid:\t0\t0\t0\t0\nGroups:\t0\n").Variables["SUDO_UID"] = "1001";
        var system = (await _tree.CollectAsync()).System;
        Assert.Equal((true, true), (system.IsElevated, system.GivesUserAccess));
    }

    [Theory]
    [InlineData(".dockerenv", "", "docker")]
    [InlineData("run/.containerenv", "", "podman")]
    [InlineData("run/systemd/container", "systemd-nspawn\n", "systemd-nspawn")]
    [InlineData("proc/1/environ", "PATH=/bin\0container=lxc\0", "lxc")]
    [InlineData("proc/1/cgroup", "0::/docker/3fa9\n", "docker")]
    [InlineData("proc/1/cgroup", "0::/kubepods/besteffort/pod1\n", "kubepods")]
    [InlineData("proc/1/cgroup", "0::/init.scope\n", null)]
    public async Task A_container_is_known(string file, string text, string? expected) =>
        Assert.Equal(expected, (await _tree.File(file, text).CollectAsync()).System.Container);

    [Fact]
    public async Task WSL_is_known_by_its_kernel_or_its_variable()
    {
        _tree.Variables["WSL_INTEROP"] = "/run/WSL/8_interop";
        Assert.True((await _tree.CollectAsync()).System.IsWsl);
        _tree.Variables.Clear();
        Assert.True((await _tree.File("proc/version", "Linux version 5.15.153.1-microsoft-standard-WSL2\n").CollectAsync()).System.IsWsl);
    }

    [Fact]
    public async Task What_cannot_be_listed_is_said_and_the_rest_is_told()
    {
        Nucleo();
        _tree.HasSerial = false;
        var seen = await _tree.CollectAsync();
        Assert.Equal(["The serial ports cannot be listed: no list today."], seen.Unseen);
        Assert.Equal(2, seen.UsbDevices.Length);
    }

    [Fact]
    public async Task A_machine_without_USB_gives_a_sane_answer()
    {
        var seen = await _tree.CollectAsync();
        Assert.False(seen.System.HasUsb);
        Assert.Empty(seen.UsbDevices);
        var here = await PlatformInventory.Create(null).CollectAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HostKind.Linux, here.System.Kind);
        Assert.NotEmpty(here.System.Version);
    }

    private void Nucleo()
    {
        _tree.Bus(1).Device("1-4", "idVendor=05e3", "idProduct=0610").Interface("1-4", 0, "090001", "hub");
        Probe("1-4.1");
        Rom("1-4.2");
        _tree.Disk("sdb", "1-4.1", "8:16", @"/media/me/NODE\040F767ZI").File("media/me/NODE F767ZI/MBED.HTM", "url=http://mbed.org/device/?code=0818022106\"").File("run/udev/data/b8:16", "S:disk/by-label/NODE_F767ZI\nE:ID_FS_LABEL=NODE_F767ZI\n");
        _tree.Port("ttyACM0", "1-4.1", "166:0").GroupOf["/dev/ttyACM0"] = "dialout";
    }

    private void Probe(string location)
    {
        _tree.Device(
            location,
            "idVendor=0483", "idProduct=374b", "bcdDevice=0100", "speed=12", "busnum=1", "devnum=11", "dev=189:10", "manufacturer=STMicroelectronics", "product=STM32 STLink", "serial=066DFF55", "bConfigurationValue=1");
        _tree.Interface(location, 0, "ffffff", name: "ST-Link Debug").Interface(location, 1, "080650", "usb-storage").Interface(location, 2, "020201", "cdc_acm");
        var folder = location.Contains('.', StringComparison.Ordinal) ? $"1-4/{location}" : location;
        _tree.Link($"sys/devices/pci0000:00/0000:00:14.0/usb1/{folder}/driver", "../../../../../bus/usb/drivers/usb");
    }

    private void Rom(string location) => _tree
        .Device(location, "idVendor=0483", "idProduct=df11", "bcdDevice=2200", "speed=12", "busnum=1", "devnum=12", "dev=189:11", "manufacturer=STMicroelectronics", "product=STM32  BOOTLOADER", "serial=205B33875532", "bConfigurationValue=1")
        .Interface(location, 0, "fe0102", name: Layout);
}
