using Defuse.Testing;

namespace Defuse.Cli.Tests;

public class InfoTests
{
    [Theory]
    [InlineData("blinky.dfu")]
    [InlineData("blinky.hex")]
    [InlineData("blinky.bin")]
    public async Task A_file_is_described(string name)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("info", cli.Sample(name));
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Golden.Check("info-" + name, cli.Scrub(result.Out));
        result = await cli.RunAsync("info", cli.Sample(name), "--json");
        Golden.Check($"info-{name}-json", cli.Scrub(result.Out));
    }

    [Fact]
    public async Task A_wrong_crc_is_shown_and_warned_of()
    {
        using var cli = new Cli();
        var bytes = await File.ReadAllBytesAsync(cli.Dfu);
        bytes[^1] ^= 1;
        var result = await cli.RunAsync("info", cli.Write("bad.dfu", bytes));
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("WRONG", result.Out, StringComparison.Ordinal);
        Assert.StartsWith("warning: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Raw_bytes_that_fit_nowhere_are_told()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("info", cli.Write("raw.bin", [.. Enumerable.Range(1, 64).Select(x => (byte)(x * 3))]));
        Assert.Contains("does not fit 0x08000000", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_cannot_be_parsed_is_refused_with_the_reason()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("info", cli.Write("page.dfu", "<!DOCTYPE html><html></html>"u8.ToArray()));
        Assert.Equal((5, ""), (result.ExitCode, result.Out));
        Assert.Contains("HTML", result.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("page.dfu", "<!DOCTYPE html><html></html>", "--allow image")]
    [InlineData("short.dfu", "DfuSe", "")]
    public async Task A_refusal_says_the_word_that_lets_the_file_pass(string name, string content, string word)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("info", cli.Write(name, System.Text.Encoding.UTF8.GetBytes(content)));
        Assert.Equal(word.Length > 0, result.Error.Contains("or take it all the same with --allow", StringComparison.Ordinal));
        Assert.Contains(word, result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_crc_says_its_word()
    {
        using var cli = new Cli();
        var bytes = await File.ReadAllBytesAsync(cli.Dfu);
        bytes[^1] ^= 1;
        var result = await cli.RunAsync("flash", cli.Write("bad.dfu", bytes), "-d", Cli.F767);
        Assert.Contains(", or take it all the same with --allow crc\n", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_few_printable_bytes_are_no_text()
    {
        using var cli = new Cli();
        Assert.Equal(0, (await cli.RunAsync("info", cli.Write("few.bin", "ABCDEFGH"u8.ToArray()))).ExitCode);
    }

    [Fact]
    public async Task MicroPython_is_recognised_with_its_board()
    {
        const string Name = "micropython-v1.9.1-NUCLEO_F767ZI.dfu";
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Defuse.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        var path = Path.Combine(folder, "..", "shared", "firmware", Name);
        Assert.SkipUnless(File.Exists(path), $"{Name} is not beside the repository.");
        using var cli = new Cli();
        var result = await cli.RunAsync("info", cli.Write(Name, await File.ReadAllBytesAsync(path)));
        Golden.Check("info-micropython", cli.Scrub(result.Out));
    }
}
