using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Transports;
using static Defuse.Core.Tests.Diagnostics.Trees;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>For every rule, where it speaks and a near miss.</summary>
internal static class RuleCases
{
    private static readonly SeenBoard Nucleo = ProbeOnly("NUCLEO-F767ZI", "0818");
    private static readonly SeenBoard MicroPython = Program(ProgramKind.MicroPython, "MicroPython");
    private static readonly SeenBoard Ready = Dfu(Rom, Condition);
    private static readonly SeenUsbDevice BlueToothAdapter = new()
    {
        Location = "1-7",
        VendorId = 0x05AC,
        ProductId = 0x8290,
        Interfaces = [new SeenInterface(0, 0xE0, 1, 1), new SeenInterface(3, 0xFE, 1, 1)],
    };

    public static SeenBoard Adapter { get; } = new()
    {
        Name = "a USB serial adapter",
        Mode = BoardMode.SerialAdapter,
        UsbDevices = [new SeenUsbDevice { Location = "1-5", VendorId = 0x1A86, ProductId = 0x7523 }],
        SerialPorts = [new SeenSerialPort { Name = "/dev/ttyUSB0" }],
    };

    public static ImmutableDictionary<string, RuleCase> All { get; } = new Dictionary<string, RuleCase>(StringComparer.Ordinal)
    {
        // A NUCLEO without a bootloader's socket, and one whose other socket shows.
        ["only-probe-connected"] = new(On(Windows, Nucleo), On(Windows, Nucleo, Dfu(WinUsb, Condition)), FindingLevel.Blocker, "the USB socket CN13"),
        ["other-socket"] = new(On(Windows, Nucleo, Dfu(WinUsb, Condition)), On(Windows, Nucleo, Dfu(WinUsb, Condition with { Chips = ["STM32F446"] })), FindingLevel.Note, "probably the same board's other USB socket"),
        ["no-usb-bootloader"] = new(On(Windows, ProbeOnly("NUCLEO-L053R8", "0715")), On(Windows, ProbeOnly("NUCLEO-L073RZ", "0760")), FindingLevel.Blocker, "an STM32L053R8, has no USB bootloader"),
        ["board-cannot-show-dfu"] = new(On(Windows, ProbeOnly("32F769IDISCOVERY", "0817")), On(Windows, ProbeOnly("32F746GDISCOVERY", "0815")), FindingLevel.Blocker, "high-speed PHY"),
        ["driver-none"] = new(On(Windows, Dfu(NoDriver)), On(Windows, Dfu(WinUsb)), FindingLevel.Blocker, "no driver for it"),
        ["driver-sttub30"] = new(On(Windows, Dfu(StTub30)), On(Windows, Dfu(WinUsb)), FindingLevel.Blocker, "STTub30"),
        ["driver-winusb"] = new(On(Windows, Dfu(WinUsb)), On(Windows, Dfu(Wrong("WinUSB", "it names no device interface"))), FindingLevel.Note, "its list stays empty"),
        ["driver-no-interface"] = new(On(Windows, Dfu(Wrong("WinUSB", "it names no device interface"))), On(Windows, Dfu(WinUsb)), FindingLevel.Blocker, "interface GUID"),
        ["driver-libusbk"] = new(On(Windows, Dfu(Wrong("libusbK", "libusbK.dll is not there", AccessFailure.LibraryMissing))), On(Windows, Dfu(Wrong("libusb0", "libusb0 is bound"))), FindingLevel.Blocker, "libusbK.dll is not there"),
        ["driver-libusb0"] = new(On(Windows, Dfu(Wrong("libusb0", "libusb0 is bound"))), On(Windows, Dfu(StTub30)), FindingLevel.Blocker, "libusb0"),
        ["driver-other"] = new(On(Windows, Dfu(Wrong("usbser", "usbser is bound"))), On(Windows, Dfu(Wrong("libusb0", "libusb0 is bound"))), FindingLevel.Blocker, "usbser is bound"),
        ["no-permission"] = new(On(Linux, Dfu(NotPermitted)), On(Linux, Dfu(Rom)), FindingLevel.Blocker, "your user may not open it"),
        ["udev-not-running"] = new(On(Linux with { HasUdev = false }, Dfu(NotPermitted)), On(Linux, Dfu(NotPermitted)), FindingLevel.Blocker, "udev does not run here"),
        ["attached-elsewhere"] = new(On(Windows, Dfu(Wrong("VBoxUSB", "it is attached to WSL", AccessFailure.InUse))), On(Windows, Dfu(Wrong("WinUSB", "it is open", AccessFailure.InUse))), FindingLevel.Blocker, "attached to WSL"),
        ["held-by-other-program"] = new(On(Linux, Dfu(Rom with { HeldBy = ["dfu-util (4711)"] })), On(Windows, Dfu(Wrong("VBoxUSB", "it is attached to WSL", AccessFailure.InUse))), FindingLevel.Blocker, "dfu-util (4711)"),
        ["cannot-open"] = new(On(Linux, Dfu(Failing(AccessFailure.LibraryMissing, "libusb-1.0 is not installed"))), On(Windows, Dfu(Wrong("libusbK", "no libusbK.dll", AccessFailure.LibraryMissing))), FindingLevel.Blocker, "libusb-1.0 is not installed"),
        ["unreadable"] = new(On(Windows, UnreadableBoard), On(Windows, Dfu(NoDriver)), FindingLevel.Blocker, "code 43"),
        ["not-answering"] = new(On(Linux, Dfu(Rom, Condition with { Problem = "GETSTATUS timed out" })), On(Linux, Ready), FindingLevel.Blocker, "GETSTATUS timed out"),
        ["read-protected"] = new(On(Linux, Dfu(Rom, Condition with { ReadOut = ReadOutProtection.Level1 })), On(Linux, Ready), FindingLevel.Blocker, "erases everything on the chip"),
        ["write-protected"] = new(On(Linux, Dfu(Rom, Condition with { WriteProtected = [0, 1, 2, 7] })), On(Linux, Ready), FindingLevel.Warning, "Sectors 0 to 2 and 7"),
        ["drive-refused-file"] = new(
            On(Windows, Nucleo with { Volumes = [Nucleo.Volumes[0] with { Failure = "The file type is not supported\r\n" }] }), On(Windows, Nucleo), FindingLevel.Warning, "\"The file type is not supported\""),
        ["f0-on-xhci"] = new(On(Windows, UnreadableBoard), On(Windows, UnreadableBoard with { DfuDevice = Unreadable with { Hubs = 1 } }), FindingLevel.Candidate, "STM32F04x"),
        ["clock"] = new(On(Windows, UnreadableBoard), On(Windows, Dfu(NoDriver)), FindingLevel.Candidate, "crystal"),
        ["supply"] = new(On(Windows, UnreadableBoard), On(Windows, Dfu(NoDriver)), FindingLevel.Candidate, "power"),
        ["serial-permission"] = new(
            On(Linux, MicroPython with { SerialPorts = [MicroPython.SerialPorts[0] with { Problem = new AccessProblem(AccessFailure.PermissionDenied, "no right", "join") }] }), On(Linux, MicroPython), FindingLevel.Blocker, "the group dialout"),
        ["ready"] = new(On(Linux, Ready), On(Linux, Dfu(NotPermitted)), FindingLevel.Note, "can be flashed now"),
        ["running-program"] = new(On(Linux, MicroPython), On(Linux, Ready), FindingLevel.Note, "MicroPython's prompt"),
        ["drive-bootloader"] = new(
            On(Linux, new SeenBoard { Name = "a UF2 bootloader", Mode = BoardMode.Drive, Volumes = [new SeenVolume { Path = "/media/me/BOOT", Uf2Board = "x" }] }), On(Windows, Nucleo), FindingLevel.Note, ".uf2"),
        ["dual-bank"] = new(On(Linux, Dfu(Rom, Condition with { IsDualBank = true })), On(Linux, Dfu(Rom, Condition with { IsDualBank = null })), FindingLevel.Note, "two banks"),
        ["stuck-in-error"] = new(On(Linux, Dfu(Rom, Condition with { State = 10, Status = 14 })), On(Linux, Dfu(Rom, Condition with { State = 2 })), FindingLevel.Note, "harmless"),
        ["boot0-still-high"] = new(On(Linux, Ready), On(Linux, Dfu(Rom with { Product = "Pyboard DFU" }, Condition)), FindingLevel.Note, "back into the bootloader"),
        ["same-serial"] = new(On(Linux, Ready, Dfu(Rom with { Location = "1-4" })), On(Linux, Ready, Dfu(Rom with { Location = "1-4", SerialNumber = "3358355B3037" })), FindingLevel.Note, "1-4 has the same serial number"),
        ["modem-manager"] = new(
            On(Linux with { HasModemManager = true }, MicroPython),
            On(Linux with { HasModemManager = true }, MicroPython with { SerialPorts = [MicroPython.SerialPorts[0] with { IsIgnoredByModemManager = true }] }),
            FindingLevel.Note,
            "/dev/ttyACM0 may be busy"),
        ["serial-adapter"] = new(On(Linux, Adapter), On(Linux, MicroPython), FindingLevel.Note, "serial adapter"),
        ["stranger"] = new(On(Linux, Stranger(BlueToothAdapter)), On(Linux, Ready), FindingLevel.Note, "Bluetooth adapter"),
        ["wsl-without-device"] = new(On(Linux with { IsWsl = true }), On(Linux with { IsWsl = true }, Ready), FindingLevel.Blocker, "inside Windows"),
        ["container-without-device"] = new(On(Linux with { Container = "docker" }), On(Linux with { Container = "docker" }, Ready), FindingLevel.Blocker, "container (docker)"),
        ["nothing-connected"] = new(On(Linux, Stranger(BlueToothAdapter)), On(Windows, Nucleo), FindingLevel.Blocker, "No STM32 board"),
        ["charge-only-cable"] = new(On(Linux), On(Linux, Ready), FindingLevel.Candidate, "charging only"),
        ["usb-c-without-pull-downs"] = new(On(Linux), On(Linux with { IsWsl = true }), FindingLevel.Candidate, "USB-C"),
        ["no-power"] = new(On(Linux), On(Linux, UnreadableBoard), FindingLevel.Candidate, "powered"),
        ["not-looked-at"] = new(Unseen("The drives cannot be listed."), On(Linux), FindingLevel.Note, "The drives cannot be listed."),
    }.ToImmutableDictionary(StringComparer.Ordinal);

    public static SeenUsbDevice Wrong(string driver, string reason, AccessFailure failure = AccessFailure.WrongDriver) =>
        OnWindows(driver, "Universal Serial Bus devices", "STM32 BOOTLOADER", new AccessProblem(failure, reason, "Bind WinUSB to it") { Driver = driver });

    private static SeenUsbDevice Failing(AccessFailure failure, string reason) => Rom with { Problem = new AccessProblem(failure, reason, "Install it") };

    private static SeenBoard Stranger(SeenUsbDevice device) => new() { Name = "a Bluetooth adapter", Mode = BoardMode.Stranger, UsbDevices = [device], DfuDevice = device };

    private static DiagnosisContext On(HostSystem system, params ImmutableArray<SeenBoard> boards) => Context(system, boards);

    private static DiagnosisContext Unseen(string what)
    {
        var context = Context(Linux);
        return context with { Inventory = context.Inventory with { Unseen = [what] } };
    }
}
