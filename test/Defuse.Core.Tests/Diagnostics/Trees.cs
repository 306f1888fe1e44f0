using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Transports;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>Computers with boards, constructed by hand from what operating systems are documented to show of them.</summary>
internal static class Trees
{
    public const string MissingRule = "Allow it: `echo 'SUBSYSTEM==\"usb\", ATTR{idVendor}==\"0483\", ATTR{idProduct}==\"df11\", TAG+=\"uaccess\", MODE=\"0664\", GROUP=\"plugdev\"' | sudo tee -a /etc/udev/rules.d/61-defuse.rules && sudo udevadm control --reload && sudo udevadm trigger`; over SSH, or without a screen, also `sudo usermod -aG plugdev $USER`, and log in again";

    public static HostSystem Windows { get; } = new() { Kind = HostKind.Windows, Version = "Windows 10.0.19045" };

    public static HostSystem Linux { get; } = new() { Kind = HostKind.Linux, Version = "Debian GNU/Linux 12", HasUdev = true, GivesUserAccess = true };

    /// <summary>The ROM's bootloader, with nothing in the way.</summary>
    public static SeenUsbDevice Rom { get; } = new()
    {
        Location = "1-3",
        VendorId = 0x0483,
        ProductId = 0xDF11,
        DeviceRelease = 0x2200,
        Manufacturer = "STMicroelectronics",
        Product = "STM32  BOOTLOADER",
        SerialNumber = "205B33875532",
        Speed = UsbSpeed.Full,
        Interfaces = [new SeenInterface(0, 0xFE, 1, 2)],
        Hubs = 0,
    };

    public static SeenUsbDevice OnWindows(string? driver, string systemClass, string systemName, AccessProblem? problem = null, int code = 0) => Rom with
    {
        Product = "STM32 BOOTLOADER",
        Driver = driver,
        SystemClass = systemClass,
        SystemName = systemName,
        Problem = problem,
        ProblemCode = code,
        HostController = "USBXHCI",
    };

    public static SeenUsbDevice WinUsb { get; } = OnWindows("WinUSB", "Universal Serial Bus devices", "STM32 BOOTLOADER");

    public static SeenUsbDevice StTub30 { get; } = OnWindows(
        "STTub30",
        "Universal Serial Bus controllers",
        "STM Device in DFU Mode",
        new AccessProblem(AccessFailure.WrongDriver, "ST's retired DfuSe driver (STTub30) is bound to it, which only ST's old tools can use (DfuSe Demo)", "Bind WinUSB to it") { Driver = "STTub30" });

    public static SeenUsbDevice NoDriver { get; } = OnWindows(
        null, "Other devices", "STM32 BOOTLOADER", new AccessProblem(AccessFailure.NoDriver, "Windows has no driver for it (code 28)", "Bind WinUSB to it"), 28);

    public static SeenUsbDevice Unreadable { get; } = new()
    {
        Location = "1-3",
        VendorId = 0,
        ProductId = 0,
        SystemName = "Unknown USB Device (Device Descriptor Request Failed)",
        SystemClass = "Universal Serial Bus controllers",
        ProblemCode = 43,
        HostController = "USBXHCI",
        Hubs = 0,
        Problem = new AccessProblem(AccessFailure.EnumerationFailed, "Windows could not read the descriptors of what is plugged in here (code 43)", "Plug it in again"),
    };

    public static SeenUsbDevice NotPermitted { get; } = Rom with
    {
        Driver = "usb",
        HostController = "xhci_hcd",
        Problem = new AccessProblem(AccessFailure.PermissionDenied, "this user may not open the device (no udev rule allows it)", MissingRule),
    };

    public static SeenBoard Dfu(SeenUsbDevice device, DfuCondition? condition = null) => new()
    {
        Name = "STM32 bootloader",
        Mode = BoardMode.Dfu,
        UsbDevices = [device],
        DfuDevice = device,
        Dfu = condition,
    };

    public static DfuCondition Condition { get; } = new()
    {
        Location = "1-3",
        Address = "dfu:usb-1-3",
        State = 2,
        Memories = ["@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg"],
        Chips = ["STM32F765/F767/F769/F777/F779"],
        ReadOut = ReadOutProtection.None,
        IsDualBank = false,
    };

    public static SeenBoard ProbeOnly(string name, string mbedId, string drive = @"E:\", string port = "COM5", string location = "1-4")
    {
        var profile = BoardDatabase.Default.FindName(name)!;
        var probe = new SeenUsbDevice
        {
            Location = location,
            VendorId = 0x0483,
            ProductId = 0x374B,
            Manufacturer = "STMicroelectronics",
            Product = "STM32 STLink",
            SerialNumber = "066DFF515055657867152312",
            Speed = UsbSpeed.Full,
            Driver = "usbccgp",
        };
        return new SeenBoard
        {
            Name = profile.Name,
            Mode = BoardMode.ProbeOnly,
            Profile = profile,
            Evidence = [$"MBED.HTM on {drive} has the board id {mbedId}"],
            UsbDevices = [probe],
            SerialPorts = [new SeenSerialPort { Name = port, UsbLocation = location, InterfaceNumber = 2 }],
            Volumes = [new SeenVolume { Path = drive, Label = "NODE_" + name[^6..], UsbLocation = location, MbedId = mbedId }],
            Probe = probe,
        };
    }

    public static SeenBoard Program(ProgramKind kind, string name, string port = "/dev/ttyACM0") => new()
    {
        Name = $"a board that runs {name}",
        Mode = BoardMode.Program,
        Program = new BoardProgram(kind, name),
        Evidence = [$"USB product \"{name}\""],
        UsbDevices = [new SeenUsbDevice { Location = "1-2", VendorId = 0xF055, ProductId = 0x9800, Product = name, Driver = "usb" }],
        SerialPorts = [new SeenSerialPort { Name = port, UsbLocation = "1-2", InterfaceNumber = 1, Driver = "cdc_acm", Group = "dialout" }],
    };

    public static SeenBoard UnreadableBoard { get; } = new() { Name = "a USB device that cannot be read", Mode = BoardMode.Unreadable, UsbDevices = [Unreadable], DfuDevice = Unreadable };

    public static Diagnosis Diagnose(HostSystem system, params ImmutableArray<SeenBoard> boards) => Doctor.Diagnose(Context(system, boards));

    public static DiagnosisContext Context(HostSystem system, params ImmutableArray<SeenBoard> boards)
    {
        var inventory = new HostInventory
        {
            System = system,
            UsbDevices = [.. boards.SelectMany(x => x.UsbDevices)],
            SerialPorts = [.. boards.SelectMany(x => x.SerialPorts)],
            Volumes = [.. boards.SelectMany(x => x.Volumes)],
            Dfu = [.. boards.Select(x => x.Dfu).OfType<DfuCondition>()],
        };
        return new DiagnosisContext(inventory, boards, ChipDatabase.Default, ["dfu"]);
    }
}
