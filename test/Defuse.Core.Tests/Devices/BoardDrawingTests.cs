using Defuse.Devices;

namespace Defuse.Core.Tests.Devices;

public class BoardDrawingTests
{
    [Theory]
    [InlineData("NUCLEO-F767ZI")]
    [InlineData("NUCLEO-F401RE")]
    [InlineData("NUCLEO-H563ZI")]
    [InlineData("STM32F4DISCOVERY")]
    [InlineData("B-U585I-IOT02A")]
    [InlineData("B-L072Z-LRWAN1")]
    [InlineData("Pyboard v1.1")]
    [InlineData("WeAct BlackPill F411CE")]
    [InlineData("Espruino Pico")]
    public void A_drawing_shows_what_to_change(string name)
    {
        var board = BoardDatabase.Default.FindName(name)!;
        var steps = board.DfuSteps.Select((x, i) => $"{i + 1}. {x}");
        Golden.Check("board-" + name.ToLowerInvariant().Replace(' ', '-').Replace('.', '-'), string.Join('\n', [.. steps, "", .. BoardDrawing.Draw(board)]), "Devices/Golden");
    }

    [Fact]
    public void Every_board_with_known_pins_has_a_small_drawing_that_names_them()
    {
        var boards = BoardDatabase.Default.Boards.Where(x => x.DfuByHand is not null).ToList();
        Assert.True(boards.Count > 80, $"{boards.Count}");
        Assert.All(boards, board =>
        {
            var drawing = BoardDrawing.Draw(board);
            Assert.InRange(drawing.Length, 3, 13);
            Assert.All(drawing, x => Assert.True(x.Length <= 60, x));
            Assert.All(drawing, x => Assert.Equal(x.TrimEnd(), x));
            if (board.UserSocket is { } socket)
            {
                Assert.Contains(drawing, x => x.Contains(socket, StringComparison.Ordinal));
            }
        });
    }

    [Fact]
    public void A_board_without_known_pins_has_no_drawing_and_no_steps()
    {
        var board = BoardDatabase.Default.FindName("32L0538DISCOVERY")!;
        Assert.Empty(BoardDrawing.Draw(board));
        Assert.Empty(board.DfuSteps);
    }

    [Fact]
    public void Steps_name_what_is_joined_where_to_plug_in_and_how_to_restart()
    {
        Assert.All(BoardDatabase.Default.Boards.Where(x => x.DfuByHand is not null), board =>
        {
            var way = board.DfuByHand!;
            var steps = string.Join('\n', board.DfuSteps);
            Assert.True(way.Selection == BootSelection.Wire || steps.Contains(way.Boot0, StringComparison.Ordinal), steps);
            Assert.True(way is { Selection: BootSelection.Button, Restart: BootRestart.PlugIn } || steps.Contains("USB", StringComparison.Ordinal), steps);
            Assert.Equal(way.Boot1 is not null, steps.Contains("BOOT1", StringComparison.Ordinal));
            Assert.DoesNotContain("..", steps, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void No_board_has_both_pins_and_a_reason_why_they_do_not_help() =>
        Assert.All(BoardDatabase.Default.Boards, x => Assert.False(x is { DfuByHand: not null, DfuObstacle: not null }));
}
