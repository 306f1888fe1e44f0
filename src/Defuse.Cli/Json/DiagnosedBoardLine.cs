using System.Text.Json.Serialization;
using Defuse.Cli.Output;
using Defuse.Diagnostics;

namespace Defuse.Cli.Json;

/// <summary>A board, and what was found about it.</summary>
internal sealed record DiagnosedBoardLine(
    string Name,
    string Mode,
    string? Board,
    string? Program,
    string? Address,
    string[] UsbDevices,
    string[] SerialPorts,
    string[] Drives,
    string[] Evidence,
    JsonFinding[] Findings,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonRemedy? Next)
    : JsonLine("diagnosed-board")
{
    public static DiagnosedBoardLine Of(BoardDiagnosis diagnosis)
    {
        var board = diagnosis.Board;
        return new(
            board.Name,
            Texts.Word(board.Mode),
            board.Profile?.Name,
            board.Program?.Name,
            board.Address,
            [.. board.UsbDevices.Select(x => x.Location)],
            [.. board.SerialPorts.Select(x => x.Name)],
            [.. board.Volumes.Select(x => x.Path ?? x.Label).OfType<string>()],
            [.. board.Evidence],
            [.. diagnosis.Findings.Select(JsonFinding.Of)],
            diagnosis.Next is { } next ? JsonRemedy.Of(next) : null);
    }
}
