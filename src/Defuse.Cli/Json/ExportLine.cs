namespace Defuse.Cli.Json;

/// <summary>A simulated board that is served over USB/IP.</summary>
/// <param name="Board">Which board.</param>
/// <param name="BusId">Its bus id.</param>
/// <param name="Address">How this computer reaches it.</param>
/// <param name="SerialAdapter">True for the USB-serial adapter that is wired to it; absent otherwise.</param>
/// <param name="SerialPort">The pseudo-terminal that is its program's serial port; absent where there is none.</param>
internal sealed record ExportLine(string Board, string BusId, string Address, bool? SerialAdapter, string? SerialPort) : JsonLine("export");
