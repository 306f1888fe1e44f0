using Defuse.Simulator.Roms;

namespace Defuse.Simulator.Programs;

/// <summary>The programs that simulated boards run.</summary>
internal static class ProgramModels
{
    /// <summary>MicroPython on a board, in the USB mode that shows a serial port alone (pyb.usb_mode('VCP')): ids and strings are recalled.</summary>
    /// <param name="machine">Its board and chip, as its banner names them.</param>
    /// <param name="runsMain">Whether a main.py runs that never ends.</param>
    public static ProgramModel MicroPython(string machine, bool runsMain = false) => new()
    {
        VendorId = 0xF055,
        ProductId = 0x9802,
        Manufacturer = "MicroPython",
        Product = "Pyboard Virtual Comm Port in FS Mode",
        SerialNumber = chip => RomSerialNumber.Of(chip.UniqueId.Span, 0),
        WaitsForDtr = true,
        Marker = MicroPythonProgram.Marker(machine),
        Create = line => new MicroPythonProgram(line, runsMain),
    };

    /// <summary>Betaflight 4.5: ids and strings are those of ST's example with its own manufacturer, recalled.</summary>
    public static ProgramModel Betaflight { get; } = new()
    {
        VendorId = 0x0483,
        ProductId = 0x5740,
        Manufacturer = "Betaflight",
        Product = "Betaflight STM32F405",
        SerialNumber = OfApplication,
        HasAssociation = false,
        Marker = BetaflightProgram.Marker,
        Create = line => new BetaflightProgram(line),
    };

    /// <summary>Arduino's core for STM32, built so that 1200 baud ask for the ROM: strings are recalled.</summary>
    public static ProgramModel Arduino { get; } = new()
    {
        VendorId = 0x0483,
        ProductId = 0x5740,
        Manufacturer = "STMicroelectronics",
        Product = "GENERIC_F405RGTX CDC in FS Mode",
        SerialNumber = OfApplication,
        HasAssociation = false,
        Marker = SketchProgram.Marker,
        Create = line => new SketchProgram(line, takesTouch: true),
    };

    /// <summary>A program made after ST's example, which knows of no bootloader.</summary>
    public static ProgramModel Stranger { get; } = Arduino with
    {
        Product = "STM32 Virtual ComPort",
        Create = line => new SketchProgram(line, takesTouch: false),
    };

    /// <summary>A program of nobody's with DFU at run time beside its serial port. The USB id is one that is set aside for tests.</summary>
    public static ProgramModel DfuRunTime { get; } = Stranger with
    {
        VendorId = 0x1209,
        ProductId = 0x0004,
        Manufacturer = "Defuse",
        Product = "Serial port and DFU",
        HasAssociation = true,
        HasDfuRunTime = true,
    };

    /// <summary>A program without USB, whose serial line goes to an adapter that also drives NRST and BOOT0.</summary>
    public static ProgramModel BehindAdapter { get; } = Stranger with { Adapter = UsbSerialAdapter };

    /// <summary>An adapter that is a CDC ACM device: WCH's CH343, its ids and product string recalled.</summary>
    private static ProgramModel UsbSerialAdapter => Stranger with
    {
        VendorId = 0x1A86,
        ProductId = 0x55D3,
        DeviceRelease = 0x0445,
        Manufacturer = "wch.cn",
        Product = "USB Single Serial",
        Create = line => new AdapterProgram(line),
    };

    /// <summary>ArduPilot 4.5: its ids and manufacturer are known, the product string is the board's name.</summary>
    public static ProgramModel ArduPilot(ArduPilotDfu dfu) => new()
    {
        VendorId = 0x1209,
        ProductId = 0x5741,
        Manufacturer = "ArduPilot",
        Product = "KakuteF7",
        SerialNumber = chip => Convert.ToHexString(chip.UniqueId.Span),
        Marker = ArduPilotProgram.Marker,
        Create = line => new ArduPilotProgram(line, dfu),
    };

    private static string OfApplication(SimulatedChip chip) => RomSerialNumber.OfApplication(chip.UniqueId.Span);
}
