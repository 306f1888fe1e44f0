using Defuse.Connections;

namespace Defuse;

/// <summary>A simulated board that is served.</summary>
/// <param name="Board">Which: <c>sim:nucleo-f767zi#1</c>.</param>
/// <param name="BusId">Its USB/IP bus id: <c>1-1</c>.</param>
/// <param name="Address">How this machine reaches it: <c>usbip://127.0.0.1:3240/1-1</c>.</param>
public sealed record SimulatedExport(ConnectionAddress Board, string BusId, ConnectionAddress Address)
{
    /// <summary>Whether this is not the board's own USB connector, but that of the USB-serial adapter that is wired to it.</summary>
    public bool IsSerialAdapter { get; init; }

    /// <summary>The pseudo-terminal that is the serial port of its program, as it was when the server was started; null if there is none.</summary>
    public string? SerialPort { get; init; }
}
