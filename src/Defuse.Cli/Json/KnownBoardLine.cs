using Defuse.Cli.Output;
using Defuse.Devices;

namespace Defuse.Cli.Json;

/// <summary>A board that is known, whether one is connected or not.</summary>
internal sealed record KnownBoardLine(
    string Name,
    string[] Aliases,
    string Vendor,
    string Part,
    string ChipId,
    string? MbedId,
    string? Probe,
    string? SerialPort,
    string? UserUsb,
    string? UserSocket,
    string? EnterDfu,
    string[] DfuSteps,
    string[] Drawing,
    string? Clock,
    string? Notes,
    JsonMemoryPiece[] Bootloaders,
    string Source,
    bool Confirmed)
    : JsonLine("known-board")
{
    public static KnownBoardLine Of(BoardProfile board) => new(
        board.Name,
        [.. board.Aliases],
        board.Vendor,
        board.Part,
        $"0x{board.ChipId:X3}",
        board.MbedId,
        board.Probe,
        board.SerialPort,
        board.UserUsb,
        board.UserSocket,
        board.EnterDfu,
        [.. board.DfuSteps],
        [.. BoardDrawing.Draw(board)],
        board.Clock,
        board.Notes,
        [.. board.Bootloaders.Select(x => new JsonMemoryPiece(x.Name, Texts.Address(x.Range.Start), x.Range.Length))],
        board.Source,
        board.IsConfirmed);
}
