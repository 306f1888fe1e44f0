using Defuse.Connections;
using Spectre.Console;

namespace Defuse.Cli.Output;

/// <summary>Boards, for a terminal and for a pipe.</summary>
internal static class BoardTable
{
    private const string Nothing = "-";

    /// <summary>A board in a pipe: one word a column, but for the name, which is last.</summary>
    public static string[] Row(BoardInfo board) =>
    [
        board.Address.ToString(),
        State(board),
        board.UsbId ?? Nothing,
        string.IsNullOrWhiteSpace(board.SerialNumber) ? Nothing : board.SerialNumber.Replace(' ', '_'),
        board.Name,
    ];

    public static void Write(IAnsiConsole console, IReadOnlyCollection<BoardInfo> connected, IReadOnlyCollection<BoardInfo> simulated)
    {
        if (connected.Count > 0)
        {
            var table = Tables.Create("BOARD", "STATE", "USB ID", "SERIAL NUMBER", "NAME");
            foreach (var board in connected)
            {
                var color = board.Problem is null ? Color.Green : Color.Yellow;
                table.AddRow(
                    Tables.Cell(board.Address.ToString()),
                    new Text(State(board), new Style(color)),
                    Tables.Cell(board.UsbId ?? Nothing),
                    Tables.Cell(board.SerialNumber ?? Nothing),
                    Tables.Cell(board.Name));
            }

            console.Write(table);
        }

        if (simulated.Count > 0)
        {
            if (connected.Count > 0)
            {
                console.WriteLine();
            }

            var table = Tables.Create("SIMULATED BOARD", "WHAT IT IS");
            foreach (var board in simulated)
            {
                table.AddRow(Tables.Cell(board.Address.ToString()), Tables.Cell(board.Name));
            }

            console.Write(table);
        }
    }

    private static string State(BoardInfo board) =>
        board.IsSimulated ? "simulated" : board.Problem is not null ? "blocked" : board.RunsProgram ? "running" : "ready";
}
