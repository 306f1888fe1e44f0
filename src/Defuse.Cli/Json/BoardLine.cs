using Defuse.Connections;

namespace Defuse.Cli.Json;

/// <summary>A board that is there, or that can be simulated.</summary>
internal sealed record BoardLine(
    string Address, string Name, string? UsbId, string? SerialNumber, bool Simulated, bool RunsProgram, bool CanOpen, string? Problem, string? Remedy)
    : JsonLine("board")
{
    public static BoardLine Of(BoardInfo board) => new(
        board.Address.ToString(), board.Name, board.UsbId, board.SerialNumber, board.IsSimulated, board.RunsProgram, board.Problem is null, board.Problem, board.Remedy);
}
