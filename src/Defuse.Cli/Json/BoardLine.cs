using Defuse.Cli.Output;
using Defuse.Connections;

namespace Defuse.Cli.Json;

/// <summary>A board that is there, or that can be simulated.</summary>
internal sealed record BoardLine(
    string Address, string Name, string? UsbId, string? SerialNumber, bool Simulated, bool RunsProgram, bool CanOpen, string? Access, string? Driver, string? Problem, string? Remedy,
    string? Change = null)
    : JsonLine("board")
{
    public static BoardLine Of(BoardInfo board) => new(
        board.Address.ToString(), board.Name, board.UsbId, board.SerialNumber, board.IsSimulated, board.RunsProgram, board.Problem is null,
        board.Access is { } access ? Texts.Word(access) : null, board.Driver, board.Problem, board.Remedy);
}
