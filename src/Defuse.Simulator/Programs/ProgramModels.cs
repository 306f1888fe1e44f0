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
}
