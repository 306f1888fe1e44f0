using System.Text.Json;

namespace Defuse.Cli.Tests;

public class ChipsTests
{
    [Fact]
    public async Task One_part_is_shown_with_its_memory_drawn()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("chips", "stm32f767zit6");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Golden.Check("chips-part", result.Out);
    }

    [Fact]
    public async Task One_chip_is_shown_with_its_parts()
    {
        using var cli = new Cli();
        Golden.Check("chips-id", (await cli.RunAsync("chips", "0x415")).Out);
    }

    [Fact]
    public async Task A_family_is_a_table_on_a_terminal()
    {
        using var cli = new Cli { OutIsTerminal = true, Width = 120 };
        var result = await cli.RunAsync("chips", "stm32g4", "--color", "never");
        Golden.Check("chips-terminal", string.Join('\n', result.Out.Split('\n').Select(x => x.TrimEnd())));
    }

    [Fact]
    public async Task A_pipe_gets_a_plain_row_a_chip()
    {
        using var cli = new Cli();
        var rows = (await cli.RunAsync("chips")).Out.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.True(rows.Length > 80, $"{rows.Length} chips");
        Assert.Contains(rows, x => x.StartsWith("STM32F765/", StringComparison.Ordinal) && x.Contains("0x451", StringComparison.Ordinal));
        Assert.Equal(rows.Length, rows.Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public async Task Json_has_a_line_a_chip_and_the_result()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("chips", "STM32L0", "--json");
        var chips = result.Json.Where(x => x.GetProperty("type").GetString() == "chip").ToList();
        Assert.True(chips.Count > 3);
        Assert.All(chips, x => Assert.Equal(0, x.GetProperty("erasedByte").GetInt32()));
        Assert.Equal("done", result.Result.GetProperty("outcome").GetString());
    }

    [Fact]
    public async Task Json_of_a_part_has_every_figure()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("chips", "STM32F767ZI", "--json");
        Golden.Check("chips-json", JsonSerializer.Serialize(result.Json[0], Indented));
    }

    [Fact]
    public async Task Every_chip_and_every_board_can_be_shown()
    {
        using var cli = new Cli();
        foreach (var chip in Devices.ChipDatabase.Default.Chips)
        {
            var result = await cli.RunAsync("chips", $"0x{chip.Id:X3}");
            Assert.Equal((0, ""), (result.ExitCode, result.Error));
            Assert.Contains("flash", result.Out, StringComparison.Ordinal);
        }

        foreach (var board in Devices.BoardDatabase.Default.Boards)
        {
            var result = await cli.RunAsync("boards", board.Name);
            Assert.Equal((0, ""), (result.ExitCode, result.Error));
        }
    }

    [Fact]
    public async Task Two_banks_of_equal_sectors_are_drawn_apart()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("chips", "STM32L476RG");
        Assert.Contains("flash bank 2, 512 KB", result.Out, StringComparison.Ordinal);
        Assert.Contains("256 x 2 KB", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_no_chip_is_called_is_refused()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("chips", "atmega328");
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        Assert.Contains("no known chip is 'atmega328'", result.Error, StringComparison.Ordinal);
        Assert.Contains("defuse boards bluepill", (await cli.RunAsync("chips", "bluepill")).Error, StringComparison.Ordinal);
    }

    private static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true };
}
