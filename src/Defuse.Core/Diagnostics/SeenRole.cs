using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics;

/// <summary>What a USB device is to a board, by its ids, strings, interfaces, ports and drives.</summary>
/// <param name="Mode">What a board does that shows this device.</param>
/// <param name="Name">What such devices are called.</param>
/// <param name="Program">The program, of one that runs one.</param>
internal sealed record SeenRole(BoardMode Mode, string Name, BoardProgram? Program = null)
{
    private const byte Communications = 0x02;
    private const byte AbstractControl = 0x02;
    private const byte Wireless = 0xE0;
    private const byte Hub = 0x09;
    private const byte ApplicationSpecific = 0xFE;
    private const byte FirmwareUpgrade = 0x01;
    private const byte DfuMode = 0x02;

    // Drivers of the chips of serial adapters: Linux' names, then Windows'.
    private static readonly ImmutableArray<string> AdapterDrivers =
        ["ch341", "ch341-uart", "ch343", "cp210x", "ftdi_sio", "pl2303", "CH341SER_A64", "CH343SER_A64", "silabser", "FTDIBUS", "FTSER2K", "Ser2pl"];

    /// <summary>What a device is; null if it has nothing to do with boards.</summary>
    /// <param name="device">The device.</param>
    /// <param name="ports">The serial ports that it makes.</param>
    /// <param name="volumes">The drives that it shows.</param>
    public static SeenRole? Of(SeenUsbDevice device, IReadOnlyCollection<SeenSerialPort> ports, IReadOnlyCollection<SeenVolume> volumes)
    {
        if (device.VendorId == 0)
        {
            return new SeenRole(BoardMode.Unreadable, "a device that could not be read");
        }

        var entry = UsbIdDatabase.Default.Find(device.VendorId, device.ProductId, device.Manufacturer, device.Product);
        if (entry?.Kind == UsbIdKind.Stranger)
        {
            return new SeenRole(BoardMode.Stranger, entry.Name);
        }

        if (device.Interfaces.Any(IsInDfuMode) || entry?.Kind == UsbIdKind.DfuBootloader)
        {
            return new SeenRole(BoardMode.Dfu, entry?.Kind == UsbIdKind.DfuBootloader ? entry.Name : "a DFU device");
        }

        if (volumes.Any(x => x.Uf2Board is not null))
        {
            return new SeenRole(BoardMode.Drive, entry?.Kind == UsbIdKind.DriveBootloader ? entry.Name : "UF2 bootloader");
        }

        return entry switch
        {
            { Kind: UsbIdKind.Probe } => new SeenRole(BoardMode.ProbeOnly, entry.Name),
            { Kind: UsbIdKind.Program, Program: { } kind } => new SeenRole(BoardMode.Program, entry.Name, new BoardProgram(kind, entry.Name)),
            { Kind: UsbIdKind.SerialAdapter } => new SeenRole(BoardMode.SerialAdapter, entry.Name),
            { Kind: UsbIdKind.DriveBootloader } => new SeenRole(BoardMode.Drive, entry.Name),
            _ => OfUnknown(device, ports, volumes),
        };
    }

    /// <summary>Whether an interface speaks DFU or offers it (USB DFU 1.1, sections 4.1.1 and 4.2.3).</summary>
    public static bool IsDfu(SeenInterface x) => x is { Class: ApplicationSpecific, SubClass: FirmwareUpgrade };

    private static bool IsInDfuMode(SeenInterface x) => IsDfu(x) && x.Protocol == DfuMode;

    private static SeenRole? OfUnknown(SeenUsbDevice device, IReadOnlyCollection<SeenSerialPort> ports, IReadOnlyCollection<SeenVolume> volumes)
    {
        if (device.Interfaces.Any(x => x.Class == Hub))
        {
            return null;
        }

        if (device.Interfaces.Any(x => x.Name?.Contains("CMSIS-DAP", StringComparison.OrdinalIgnoreCase) ?? false))
        {
            return new SeenRole(BoardMode.ProbeOnly, "CMSIS-DAP probe");
        }

        if (volumes.Any(x => x.MbedId is not null))
        {
            return new SeenRole(BoardMode.ProbeOnly, "debug probe");
        }

        if (device.Interfaces.Any(IsDfu))
        {
            // Bluetooth adapters take their firmware over DFU too.
            return device.Interfaces.Any(x => x.Class == Wireless)
                ? new SeenRole(BoardMode.Stranger, "a Bluetooth adapter, which speaks DFU too")
                : new SeenRole(BoardMode.Program, "a program that offers DFU", new BoardProgram(ProgramKind.DfuRunTime, "a program that offers DFU"));
        }

        if (ports.Any(x => x.Driver is { } driver && AdapterDrivers.Contains(driver, StringComparer.OrdinalIgnoreCase)))
        {
            return new SeenRole(BoardMode.SerialAdapter, "serial adapter");
        }

        // A modem has network functions beside its ports.
        var functions = device.Interfaces.Where(x => x.Class == Communications).ToList();
        return (functions.Count > 0 && functions.TrueForAll(x => x.SubClass == AbstractControl)) || (functions.Count == 0 && ports.Any(IsCdc))
            ? new SeenRole(BoardMode.Program, "a program with a serial port", new BoardProgram(ProgramKind.Serial, "a program with a serial port"))
            : null;
    }

    private static bool IsCdc(SeenSerialPort port) =>
        string.Equals(port.Driver, "cdc_acm", StringComparison.Ordinal) || string.Equals(port.Driver, "usbser", StringComparison.OrdinalIgnoreCase);
}
