using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics.Rules;

/// <summary>What rules ask of a board.</summary>
internal static class SeenBoards
{
    public const ushort StMicro = 0x0483;
    public const ushort RomDfu = 0xDF11;

    /// <summary>"ST-LINK", or what else the debug probe is called.</summary>
    public static string ProbeName(this SeenBoard board) => board.Probe switch
    {
        { VendorId: StMicro } => "ST-LINK",
        { } probe => UsbIdDatabase.Default.Find(probe.VendorId, probe.ProductId, probe.Manufacturer, probe.Product)?.Name ?? probe.Product ?? "debug probe",
        null when board.Profile?.Probe?.StartsWith("ST", StringComparison.Ordinal) == true => "ST-LINK",
        null => "debug probe",
    };

    /// <summary>Its chip, where the board is known.</summary>
    public static ChipProfile? Chip(this SeenBoard board, DiagnosisContext context) =>
        board.Profile is { } profile ? context.Chips.FindId(profile.ChipId) : null;

    /// <summary>Whether it is a board of which only the debug probe shows.</summary>
    public static bool IsProbeOnly(this SeenBoard board) => board is { Mode: BoardMode.ProbeOnly, DfuDevice: null };

    /// <summary>The device that is in DFU mode; null if none is. A program's own DFU interface is another matter.</summary>
    public static SeenUsbDevice? InDfuMode(this SeenBoard board) => board.Mode == BoardMode.Dfu ? board.DfuDevice : null;

    /// <summary>Whether its chip is known to have no USB DFU bootloader.</summary>
    public static bool HasNoUsbBootloader(this SeenBoard board, DiagnosisContext context) =>
        board.Mode != BoardMode.Dfu && board.Chip(context) is { UsbDfu.Presence: UsbDfuPresence.No };

    /// <summary>Whether it is ST's ROM that is in DFU mode, and not a bootloader of somebody else's with the same ids.</summary>
    public static bool IsRom(this SeenBoard board) =>
        board is { Mode: BoardMode.Dfu, DfuDevice: { VendorId: StMicro, ProductId: RomDfu, Product: var product } }
        && (product is null || (product.Contains("STM32", StringComparison.OrdinalIgnoreCase) && product.Contains("BOOTLOADER", StringComparison.OrdinalIgnoreCase)) || product.Contains("DFU in FS Mode", StringComparison.OrdinalIgnoreCase));

    /// <summary>Another device that has no board to belong to and may be this board's own USB socket; null if there is none.</summary>
    public static SeenBoard? OtherSocket(this SeenBoard board, DiagnosisContext context) => context.Boards.FirstOrDefault(x => MayBe(board, x, context));

    /// <summary>Whether another device is this board's own USB socket, as far as what else is plugged in tells: no other pair may be one.</summary>
    public static bool IsProbablyThatOf(this SeenBoard other, SeenBoard board, DiagnosisContext context) =>
        other.Mode == BoardMode.Dfu
        && context.Boards.Count(x => MayBe(board, x, context)) == 1
        && context.Boards.Count(x => x.IsProbeOnly() && MayBe(x, other, context)) == 1;

    /// <summary>Whether it may well be no board: nothing names it, and headsets and docks offer DFU as well, and modems and printers a serial port.</summary>
    public static bool IsUnsure(this SeenBoard board, DiagnosisContext context) =>
        context.Elsewhere is null
        && board is { Mode: BoardMode.Program, Profile: null, Program.Kind: ProgramKind.DfuRunTime or ProgramKind.Serial, UsbDevices: [{ VendorId: not StMicro } device, ..] }
        && UsbIdDatabase.Default.Find(device.VendorId, device.ProductId, device.Manufacturer, device.Product) is null;

    /// <summary>Whether it is no board, as far as is known.</summary>
    public static bool IsNoBoard(this SeenBoard board, DiagnosisContext context) =>
        board.Mode == BoardMode.SerialAdapter
        || (board.Mode == BoardMode.Stranger && !board.IsHandedOver())
        || (board.Program?.Kind == ProgramKind.DfuRunTime && board.IsUnsure(context));

    /// <summary>Whether nothing that shows is a board, as far as is known.</summary>
    public static bool ShowsNoBoard(this DiagnosisContext context) => context.Boards.All(x => x.IsNoBoard(context));

    /// <summary>Whether Windows shows something else in its place, since another system has it: usbipd-win's and VirtualBox' driver does that.</summary>
    public static bool IsHandedOver(this SeenBoard board) => board.UsbDevices is [{ VendorId: 0x80EE, ProductId: 0xCAFE }];

    /// <summary>The drivers bound to the device that speaks DFU, by the system's name.</summary>
    public static string? Driver(this SeenUsbDevice device) =>
        device.Problem?.Driver ?? device.Interfaces.FirstOrDefault(x => x is { Class: 0xFE, SubClass: 1 })?.Driver ?? device.Driver;

    public static bool HasDriver(this SeenUsbDevice device, string name) => string.Equals(device.Driver(), name, StringComparison.OrdinalIgnoreCase);

    public static bool Fails(this SeenBoard board, AccessFailure failure) => board.Mode is BoardMode.Dfu or BoardMode.Unreadable && board.DfuDevice?.Problem?.Failure == failure;

    /// <summary>"STM32 BOOTLOADER (USB 0483:DF11) at 1-4".</summary>
    public static string Describe(this SeenUsbDevice device)
    {
        var name = BoardNames.Line(device.Product) ?? device.SystemName ?? "a device";
        var ids = device.VendorId == 0 ? "" : $" (USB {device.VendorId:X4}:{device.ProductId:X4})";
        return $"{name}{ids} at {device.Location}";
    }

    /// <summary>Whether it has everything that flashing it now takes, as far as is known.</summary>
    public static bool IsReady(this SeenBoard board) =>
        board is { Mode: BoardMode.Dfu, DfuDevice: { Problem: null, HeldBy.IsEmpty: true } }
        && board.Dfu is null or { Problem: null, ReadOut: not (ReadOutProtection.Level1 or ReadOutProtection.Permanent) };

    /// <summary>The serial ports of the program that the board runs, and not its debug probe's.</summary>
    public static IEnumerable<SeenSerialPort> OwnPorts(this SeenBoard board) =>
        board.SerialPorts.Where(x => board.Probe is not { } probe || x.UsbLocation != probe.Location);

    /// <summary>Whether the board runs a program that is asked for the bootloader over its serial port, and none of its ports can be opened.</summary>
    public static bool HasNoOpenPort(this SeenBoard board, DiagnosisContext context) =>
        board.Program?.Kind is ProgramKind.MicroPython or ProgramKind.Betaflight or ProgramKind.ArduPilot or ProgramKind.Arduino
        && context.Elsewhere is null
        && board.OwnPorts().All(x => x.Problem is not null || !x.HeldBy.IsEmpty);

    private static bool MayBe(SeenBoard board, SeenBoard other, DiagnosisContext context) =>
        other is { Profile: null, Probe: null, Mode: BoardMode.Dfu or BoardMode.Program or BoardMode.Unreadable }
        && !other.IsUnsure(context)
        && (other.Mode == BoardMode.Program
            || (!board.HasNoUsbBootloader(context) && board.Profile?.DfuObstacle is null
                && (Chips(other) is not { IsEmpty: false } chips || board.Chip(context) is not { } chip || chips.Contains(chip.Name, StringComparer.Ordinal))));

    private static ImmutableArray<string> Chips(SeenBoard board) => board.Dfu is { Chips: { IsEmpty: false } chips } ? chips : board.ChipNames;
}
