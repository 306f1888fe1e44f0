using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Tells which of the devices that are there are boards that run a program, and how these can be asked for DFU mode. Pure.</summary>
public static class RunningBoards
{
    /// <summary>The boards whose program is known, or offers DFU.</summary>
    /// <param name="devices">The USB devices.</param>
    /// <param name="ports">The serial ports.</param>
    /// <param name="ids">The devices that are known.</param>
    public static ImmutableArray<RunningBoard> Find(IEnumerable<UsbDeviceInfo> devices, IEnumerable<SerialPortInfo> ports, UsbIdDatabase ids)
    {
        ArgumentNullException.ThrowIfNull(devices);
        ArgumentNullException.ThrowIfNull(ports);
        ArgumentNullException.ThrowIfNull(ids);
        var all = ports.ToList();
        return [.. devices.Where(x => !DfuTarget.IsDfu(x)).Select(x => Of(x, all, ids)).Where(x => x.Program is not null || x.Ways.Length > 0)];
    }

    /// <summary>What a USB device that is not in DFU mode is.</summary>
    /// <param name="device">The device.</param>
    /// <param name="ports">The serial ports; those of other devices are left out.</param>
    /// <param name="ids">The devices that are known.</param>
    public static RunningBoard Of(UsbDeviceInfo device, IEnumerable<SerialPortInfo> ports, UsbIdDatabase ids)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(ports);
        ArgumentNullException.ThrowIfNull(ids);
        var entry = ids.Find(device.VendorId, device.ProductId, device.Manufacturer, device.Product);
        var program = entry is { Kind: UsbIdKind.Program, Program: { } kind } ? new BoardProgram(kind, entry.Name) : null;
        var offersDfu = DfuDevice.RunsProgram(device);
        return new RunningBoard
        {
            Name = program?.Name ?? entry?.Name ?? device.Product ?? (offersDfu ? "a program that offers DFU" : "the device"),
            Device = device,
            Program = program,
            Ports = [.. ports.Where(x => string.Equals(x.UsbLocation, device.Location, StringComparison.Ordinal)).OrderBy(x => x.InterfaceNumber ?? 0)],
            Ways = [.. offersDfu ? [EntryWay.DfuDetach] : (EntryWay[])[], .. program is null ? [] : WaysOf(program.Kind)],
            IsOwnUsb = program is not null || offersDfu,
        };
    }

    /// <summary>What is behind a serial port.</summary>
    /// <param name="port">The port.</param>
    /// <param name="devices">The USB devices.</param>
    /// <param name="ids">The devices that are known.</param>
    public static RunningBoard Of(SerialPortInfo port, IEnumerable<UsbDeviceInfo> devices, UsbIdDatabase ids)
    {
        ArgumentNullException.ThrowIfNull(port);
        ArgumentNullException.ThrowIfNull(devices);
        var device = devices.FirstOrDefault(x => string.Equals(x.Location, port.UsbLocation, StringComparison.Ordinal));
        return device is null
            ? new RunningBoard { Name = "the board", Ports = [port] }
            : Of(device, [port], ids);
    }

    private static ImmutableArray<EntryWay> WaysOf(ProgramKind program) => program switch
    {
        ProgramKind.MicroPython => [EntryWay.MicroPythonRepl],
        ProgramKind.Betaflight => [EntryWay.Betaflight, EntryWay.SerialR],
        ProgramKind.ArduPilot => [EntryWay.ArduPilot],
        ProgramKind.Arduino => [EntryWay.Touch1200],
        _ => [],
    };
}
