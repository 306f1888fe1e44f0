using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli.Tests;

public class DiffTests
{
    private static readonly byte[] Program = Bytes(0x200, 1);

    [Fact]
    public async Task The_same_bytes_are_the_same_in_every_format()
    {
        using var cli = new Cli();
        foreach (var name in new[] { "blinky.hex", "blinky.bin" })
        {
            var result = await cli.RunAsync("diff", cli.Dfu, cli.Sample(name));
            Assert.Equal((0, "", "Same: both hold 1,056 bytes, the same at the same addresses.\n"), (result.ExitCode, result.Out, result.Error));
        }

        Assert.Equal((0, ""), await QuietAsync(cli, "diff", cli.Dfu, cli.Sample("blinky.hex")));
    }

    [Fact]
    public async Task Differences_are_shown_to_people()
    {
        using var cli = new Cli();
        var (a, b) = Different(cli);
        var result = await cli.RunAsync("diff", a, b);
        Assert.Equal((6, ""), (result.ExitCode, result.Error));
        Golden.Check("diff", cli.Scrub(result.Out));
        Assert.All(result.Out.Split('\n'), x => Assert.True(x.Length <= 80 && x.TrimEnd() == x, x));
    }

    [Fact]
    public async Task Differences_are_shown_to_programs()
    {
        using var cli = new Cli();
        var (a, b) = Different(cli);
        var result = await cli.RunAsync("diff", a, b, "--json");
        Assert.Equal((6, ""), (result.ExitCode, result.Error));
        Golden.Check("diff-json", cli.Scrub(result.Out));
        result = await cli.RunAsync("diff", a, a, "--json");
        Golden.Check("diff-same-json", cli.Scrub(result.Out));
    }

    [Fact]
    public async Task A_terminal_sees_them_in_colour()
    {
        using var cli = new Cli { OutIsTerminal = true };
        var result = await cli.RunAsync("diff", Hex(cli, "a.hex", 0x100, [1, 2, 3]), Hex(cli, "b.hex", 0x100, [1, 9, 3, 4]));
        Golden.Check("diff-terminal", cli.Scrub(result.Out).Replace('\u001b', '~'));
    }

    [Fact]
    public async Task Many_differences_are_cut_short_and_the_rest_can_be_asked_for()
    {
        using var cli = new Cli();
        var bytes = new byte[64 * 1024];
        var a = Hex(cli, "a.hex", 0x0800_0000, bytes);
        for (var i = 0; i < bytes.Length; i += 1024)
        {
            bytes.AsSpan(i, 256).Fill(7);
        }

        var b = Hex(cli, "b.hex", 0x0800_0000, bytes);
        var result = await cli.RunAsync("diff", a, b);
        Golden.Check("diff-many", cli.Scrub(result.Out));
        result = await cli.RunAsync("diff", a, b, "--json");
        Assert.Equal(64, result.Result.GetProperty("ranges").GetArrayLength());
        result = await cli.RunAsync("diff", a, b, "--range", "0x08000040+192");
        Assert.Contains("\n0x08000040 A  00", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_difference_longer_than_the_view_says_where_it_goes_on()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("diff", Hex(cli, "a.hex", 0x104, Program), Hex(cli, "b.hex", 0x104, [.. Program.Select(x => (byte)(x ^ 0xFF))]));
        Assert.EndsWith("\nand more; --range 0x00000140+452 shows what comes next\n", result.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0xFF, "Only padding differs: what one file has more is all 0xFF, which is what erased flash holds on most chips.")]
    [InlineData(0x00, "Only padding differs: what one file has more is all 0x00, which is what erased flash holds on STM32L0 and L1.")]
    public async Task Padding_gets_words(byte padding, string expected)
    {
        using var cli = new Cli();
        var a = Hex(cli, "a.hex", 0x100, Program);
        var b = Hex(cli, "b.hex", 0x100, [.. Program, .. Enumerable.Repeat(padding, 32)]);
        var result = await cli.RunAsync("diff", a, b);
        Assert.Equal(6, result.ExitCode);
        Assert.EndsWith($"\n32 bytes are only in B:\n  0x00000300-0x0000031F  32 bytes  only in B, all 0x{padding:X2}\n\n{expected}\n", result.Out, StringComparison.Ordinal);
        Assert.True((await cli.RunAsync("diff", a, b, "--json")).Result.GetProperty("paddingOnly").GetBoolean());
        Assert.False((await cli.RunAsync("diff", a, Hex(cli, "c.hex", 0x200, Program), "--json")).Result.GetProperty("paddingOnly").GetBoolean());
    }

    [Fact]
    public async Task A_range_narrows_it_down()
    {
        using var cli = new Cli();
        var (a, b) = Different(cli);
        Assert.Equal((0, ""), await QuietAsync(cli, "diff", a, b, "--range", "0x08000100+16"));
        Assert.Equal(6, (await cli.RunAsync("diff", a, b, "--range", "0x08000100+16", "--range", "0x08000000+1")).ExitCode);
        var result = await cli.RunAsync("diff", a, b, "--range", "0x100+16");
        Assert.Equal((2, "error: no byte of either file lies in 0x00000100-0x0000010F\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task Raw_bytes_belong_where_it_is_said_or_where_their_vector_table_does()
    {
        using var cli = new Cli();
        var bytes = await File.ReadAllBytesAsync(cli.Sample("blinky.bin"));
        var raw = cli.Write("raw.bin", Program);
        Assert.Equal(0, (await cli.RunAsync("diff", raw + "@0x100", Hex(cli, "a.hex", 0x100, Program))).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("diff", raw, Hex(cli, "a.hex", 0x100, Program), "--address", "0x100")).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("diff", raw, raw, "--address", "0x100")).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("diff", cli.Dfu, cli.Sample("blinky.bin"))).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("diff", cli.Sample("blinky.bin"), Hex(cli, "part.hex", 0x0800_0010, bytes[0x10..]), "--range", "0x08000010+1K")).ExitCode);

        // A program for another place, where the other file has it.
        var moved = Moved(bytes, 0x2_0000);
        Assert.Equal(0, (await cli.RunAsync("diff", cli.Write("moved.bin", moved), Hex(cli, "moved.hex", 0x0802_0000, moved))).ExitCode);
        var result = await cli.RunAsync("diff", raw, cli.Dfu);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("  in raw.bin\n  help: say where the first byte goes behind its name: raw.bin@0x08020000\n", cli.Scrub(result.Error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_raw_files_are_compared_from_their_first_bytes_on()
    {
        using var cli = new Cli();
        var (a, b) = (cli.Write("a.bin", [1, 2, 3]), cli.Write("b.bin", [1, 2, 4]));
        var result = await cli.RunAsync("diff", a, b);
        Assert.Equal((6, "Neither file says where its bytes belong: addresses count from their first bytes.\n"), (result.ExitCode, result.Error));
        Assert.Contains("  0x00000002-0x00000002  1 byte  differs\n", result.Out, StringComparison.Ordinal);
        var bytes = await File.ReadAllBytesAsync(cli.Sample("blinky.bin"));
        bytes[^1] ^= 1;
        result = await cli.RunAsync("diff", cli.Sample("blinky.bin"), cli.Write("c.bin", bytes));
        Assert.Equal((6, ""), (result.ExitCode, result.Error));
        Assert.Contains("  0x0800041F-0x0800041F  1 byte  differs\n", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stdin_is_one_of_the_two()
    {
        using var cli = new Cli();
        cli.Input = await File.ReadAllBytesAsync(cli.Dfu);
        Assert.Equal(0, (await cli.RunAsync("diff", "-", cli.Dfu)).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("diff", cli.Dfu, "-")).ExitCode);
        cli.Input = [1, 2, 3];
        Assert.Matches("^A  stdin +raw bytes +3 bytes from 0x00000100\n", (await cli.RunAsync("diff", "-@0x100", Hex(cli, "a.hex", 0x100, [1]))).Out);
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named_and_what_is_let_pass_is_told()
    {
        using var cli = new Cli();
        var bytes = await File.ReadAllBytesAsync(cli.Dfu);
        bytes[^1] ^= 1;
        var bad = cli.Write("bad.dfu", bytes);
        var result = await cli.RunAsync("diff", cli.Dfu, bad);
        Assert.Equal(5, result.ExitCode);
        Assert.Contains("\n  in bad.dfu\n", cli.Scrub(result.Error), StringComparison.Ordinal);
        result = await cli.RunAsync("diff", cli.Dfu, bad, "--allow", "crc");
        Assert.Equal(0, result.ExitCode);
        Assert.StartsWith("warning: bad.dfu: ", cli.Scrub(result.Error), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("A --rang 0x100+1", "there is no option '--rang', did you mean --range?")]
    [InlineData("A A A", "unrecognized command or argument")]
    [InlineData("A A -a 0x100", "--address is for raw bytes, and the files say where their bytes belong")]
    [InlineData("A A@0x100", "an address is for raw bytes, and a.hex says by itself where its bytes belong")]
    [InlineData("A nothing.hex", "there is no file nothing.hex")]
    public async Task A_mistake_is_told(string line, string expected)
    {
        using var cli = new Cli();
        var path = Hex(cli, "a.hex", 0x100, Program);
        var result = await cli.RunAsync(["diff", .. line.Split(' ').Select(x => x.Replace("A", path, StringComparison.Ordinal))]);
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        Assert.Contains(expected, cli.Scrub(result.Error), StringComparison.Ordinal);
    }

    // Near and far differences, bytes in one of the two only, and an end that is padding.
    private static (string A, string B) Different(Cli cli)
    {
        var bytes = Program.ToArray();
        bytes[0] ^= 1;
        bytes[8] ^= 1;
        "Hello, world"u8.CopyTo(bytes.AsSpan(0x42));
        var first = new FirmwareImageBuilder();
        first.Add(0x0800_0000, Program);
        first.Add(0x0801_0000, Program.AsSpan(0, 20));
        var second = new FirmwareImageBuilder();
        second.Add(0x0800_0000, bytes);
        second.Add(0x0800_0200, [0xFF, 0xFF, 0xFF]);
        return (
            cli.Write("a.dfu", DfuSeFormat.Write(first.Build())),
            cli.Write("b.hex", IntelHexFormat.Write(second.Build())));
    }

    // The vector table's handlers, as if it had been linked for another place.
    private static byte[] Moved(byte[] program, uint by)
    {
        var moved = program.ToArray();
        for (var i = 4; i < 64; i += 4)
        {
            var vector = BitConverter.ToUInt32(moved, i);
            if (vector != 0)
            {
                BitConverter.TryWriteBytes(moved.AsSpan(i), vector + by);
            }
        }

        return moved;
    }

    private static async Task<(int ExitCode, string Output)> QuietAsync(Cli cli, params string[] args)
    {
        var result = await cli.RunAsync([.. args, "-q"]);
        return (result.ExitCode, result.Out + result.Error);
    }

    private static string Hex(Cli cli, string name, uint address, byte[] bytes) =>
        cli.Write(name, IntelHexFormat.Write(FirmwareImage.FromBytes(address, bytes)));

    private static byte[] Bytes(int count, int seed)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }
}
