using System.Text.Json;
using System.Text.Json.Nodes;

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

        // What each chip has against it is a list as long as the database.
        var line = JsonNode.Parse(result.Out.Split('\n')[0])!;
        var chips = line["inspection"]!["chips"]!.AsArray();
        Assert.Contains(chips, x => (string?)x!["id"] == "0x451" && (bool)x["fits"]!);
        Assert.Contains(chips, x => !(bool)x!["fits"]! && x["reasons"]!.AsArray().Count > 0);
        line["inspection"]!.AsObject().Remove("chips");
        Golden.Check($"info-{name}-json", cli.Scrub(line.ToJsonString(Indented)));
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
        Assert.Contains("none in the file, and it does not begin with a vector table", result.Out, StringComparison.Ordinal);
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

    [Theory]
    [InlineData("daisy-bootloader-v6_4-STM32H750.bin")]
    [InlineData("mbed-NUCLEO_F072RB.bin")]
    [InlineData("mbed-NUCLEO_F767ZI.bin")]
    [InlineData("mbed-NUCLEO_L053R8.bin")]
    [InlineData("micropython-v1.9.1-NUCLEO_F767ZI.dfu")]
    [InlineData("micropython-v1.9.1-NUCLEO_F767ZI.hex")]
    [InlineData("micropython-v1.11-NUCLEO_F767ZI.hex")]
    [InlineData("micropython-v1.11-NUCLEO_F767ZI.zip")]
    [InlineData("micropython-v1.11-NUCLEO_H743ZI.hex")]
    [InlineData("micropython-v1.11-NUCLEO_L476RG.hex")]
    [InlineData("micropython-v1.14-PYBV11.dfu")]
    [InlineData("micropython-v1.18-PYBD_SF2.dfu")]
    [InlineData("formats/bincopy-bad_crc.s19")]
    [InlineData("formats/bincopy-convert.s19")]
    [InlineData("formats/bincopy-empty_main.bin")]
    [InlineData("formats/bincopy-empty_main.hex")]
    [InlineData("formats/bincopy-empty_main.s19")]
    [InlineData("formats/bincopy-empty_main_rearranged.s19")]
    [InlineData("formats/bincopy-gcc.bin")]
    [InlineData("formats/bincopy-gcc.elf")]
    [InlineData("formats/bincopy-iar.bin")]
    [InlineData("formats/bincopy-iar.out")]
    [InlineData("formats/bincopy-in.hex")]
    [InlineData("formats/bincopy-in.s19")]
    [InlineData("formats/bincopy-in_blank_lines.s19")]
    [InlineData("formats/bincopy-issue_4_in.hex")]
    [InlineData("formats/bincopy-issue_4_out.hex")]
    [InlineData("formats/bincopy-keil.bin")]
    [InlineData("formats/bincopy-keil.out")]
    public async Task Real_files_are_called_what_they_are(string name)
    {
        using var cli = new Cli();
        var file = Path.GetFileName(name);
        var result = await cli.RunAsync("info", cli.Write(file, RealFirmware.Read(name)));
        Assert.Equal(0, result.ExitCode);
        Golden.Check("info-real-" + file, cli.Scrub(result.Out + result.Error));
    }

    [Fact]
    public async Task A_file_is_held_against_a_board_that_nobody_has_connected()
    {
        using var cli = new Cli();
        Golden.Check("info-board", cli.Scrub((await cli.RunAsync("info", cli.Dfu, "--board", "nucleo-f767zi")).Out));
        var result = await cli.RunAsync("info", cli.Dfu, "--chip", "STM32L053C8");
        Assert.Equal(0, result.ExitCode);
        Golden.Check("info-chip-refused", cli.Scrub(result.Out));
        result = await cli.RunAsync("info", cli.Dfu, "--chip", "STM32L053C8", "--json");
        var verdict = result.Json[0].GetProperty("verdict");
        Assert.False(verdict.GetProperty("fits").GetBoolean() && verdict.GetProperty("warnings").GetArrayLength() == 0);
    }

    [Fact]
    public async Task A_bootloader_that_would_be_overwritten_is_named()
    {
        using var cli = new Cli();
        var bytes = new byte[64 << 10];
        new Random(1).NextBytes(bytes);
        var file = cli.Write("big.bin", bytes);
        var result = await cli.RunAsync("info", file, "--address", "0x08000000", "--board", "PYBD-SF2");
        Assert.Contains("overwrites the bootloader in 0x08000000", result.Out, StringComparison.Ordinal);
        result = await cli.RunAsync("info", file, "--address", "0x08008000", "--board", "PYBD-SF2");
        Assert.DoesNotContain("overwrites", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_file_the_board_of_the_environment_is_told_of()
    {
        using var cli = new Cli();
        cli.Variables["DEFUSE_DEVICE"] = Cli.F767;
        Assert.Contains("all 12 sectors are blank", (await cli.RunAsync("info")).Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_terminal_gets_lines_that_fit_it()
    {
        using var cli = new Cli { OutIsTerminal = true, Width = 70 };
        var result = await cli.RunAsync("info", cli.Sample("blinky.hex"), "--color", "never");
        Assert.All(result.Out.Split('\n'), x => Assert.InRange(x.Length, 0, 70));
        Assert.Contains("\n             ", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_chip_without_USB_DFU_fits_and_cannot_be_flashed_over_USB()
    {
        using var cli = new Cli();
        var bytes = new byte[1024];
        new byte[] { 0, 0x20, 0, 0x20, 0x11, 0, 0, 8 }.CopyTo(bytes, 0);
        var result = await cli.RunAsync("info", cli.Write("l0.bin", bytes), "--address", "0x08000000", "--board", "nucleo-l053r8");
        Assert.Contains("it fits; but this chip's ROM has no USB DFU", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_tells_what_it_holds_and_what_a_file_would_replace()
    {
        using var cli = new Cli();
        var blank = await cli.RunAsync("info", "--device", Cli.F767);
        Assert.Contains("nothing: all 12 sectors are blank", blank.Out, StringComparison.Ordinal);
        Assert.Equal(0, (await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767)).ExitCode);
        Golden.Check("info-device", cli.Scrub((await cli.RunAsync("info", "--device", Cli.F767)).Out));
        Golden.Check("info-file-and-device", cli.Scrub((await cli.RunAsync("info", cli.Sample("blinky.hex"), "--device", Cli.F767)).Out));
        var json = await cli.RunAsync("info", "--device", Cli.F767, "--json");
        var line = json.Json.Single(x => x.GetProperty("type").GetString() == "device");
        Assert.Equal(1, line.GetProperty("usedSectors").GetArrayLength());
        Assert.True(line.GetProperty("wasRead").GetBoolean());
    }

    [Theory]
    [InlineData(2, "Say which file", "info", "--board", "nucleo-f767zi")]
    [InlineData(2, "Give one of --board, --chip", "info", "x.bin", "--board", "nucleo-f767zi", "--chip", "F767ZI")]
    [InlineData(2, "no known board is 'toaster'", "info", "x.bin", "--board", "toaster")]
    [InlineData(2, "may be", "info", "x.bin", "--chip", "F0")]
    public async Task Misuse_is_told(int exitCode, string words, params string[] args)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync(args);
        Assert.Equal(exitCode, result.ExitCode);
        Assert.Contains(words, result.Error, StringComparison.OrdinalIgnoreCase);
    }

    private static JsonSerializerOptions Indented { get; } = new() { WriteIndented = true };
}
