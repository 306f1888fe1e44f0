using Defuse.Formats;

namespace Defuse.Cli.Tests;

public class ReadTests
{
    [Theory]
    [InlineData("dfu", FirmwareFormat.DfuSe)]
    [InlineData("hex", FirmwareFormat.IntelHex)]
    [InlineData("srec", FirmwareFormat.SRecord)]
    [InlineData("bin", FirmwareFormat.Binary)]
    public async Task The_extension_says_the_format(string extension, FirmwareFormat format)
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767);
        var path = Path.Combine(cli.Folder, "out." + extension);
        var result = await cli.RunAsync("read", "-o", path, "--range", "0x08000000+1056", "--device", Cli.F767);
        Assert.Equal((0, ""), (result.ExitCode, result.Out));
        var file = FirmwareFile.Parse(await File.ReadAllBytesAsync(path));
        Assert.Equal(format, file.Format);
        var expected = await File.ReadAllBytesAsync(cli.Sample("blinky.bin"));
        Assert.Equal(expected, file.Image.Segments.Single().Data.ToArray());
        Assert.Empty(Directory.GetFiles(cli.Folder, "*.part"));
    }

    [Fact]
    public async Task A_uf2_file_says_which_chips_it_is_for()
    {
        using var cli = new Cli();
        var path = Path.Combine(cli.Folder, "out.uf2");
        Assert.Equal(0, (await cli.RunAsync("read", "-o", path, "--range", "0x08000000+1K", "--device", Cli.F767)).ExitCode);
        Assert.Equal(Uf2Families.Find("STM32F7")!.Id, FirmwareFile.Parse(await File.ReadAllBytesAsync(path)).Uf2!.Family);
    }

    [Fact]
    public async Task Stdout_takes_the_bytes_and_nothing_else()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "--device", Cli.F767);
        var result = await cli.RunAsync("read", "-o", "-", "--range", "0x08000000+1056", "--device", Cli.F767);
        Assert.Equal((0, ""), (result.ExitCode, result.Out));
        Assert.Equal(await File.ReadAllBytesAsync(cli.Sample("blinky.bin")), result.OutBytes);
    }

    [Fact]
    public async Task Without_a_range_it_is_the_main_flash()
    {
        using var cli = new Cli { Boards = FakeBoards.One() };
        var path = Path.Combine(cli.Folder, "out");
        var result = await cli.RunAsync("read", "-o", path, "--format", "bin", "--json");
        Assert.Equal(256 * 1024, new FileInfo(path).Length);
        Assert.StartsWith("Reading 262,144 bytes\n", result.Error, StringComparison.Ordinal);
        Assert.Equal("done", result.Result.GetProperty("outcome").GetString());
        Assert.Equal(256 * 1024, result.Result.GetProperty("bytesRead").GetInt64());
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_told_before_the_board_is_read()
    {
        var boards = FakeBoards.One();
        using var cli = new Cli { Boards = boards };
        boards.Target.Before = (_, _) => Assert.Fail("The board was read.");
        var result = await cli.RunAsync("read", "-o", Path.Combine(cli.Folder, "none", "out.bin"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("there is no folder", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("folder")]
    [InlineData("taken.bin")]
    public async Task What_cannot_be_written_is_told_before_the_board_is_read(string name)
    {
        var boards = FakeBoards.One();
        using var cli = new Cli { Boards = boards };
        Directory.CreateDirectory(Path.Combine(cli.Folder, "folder"));
        Directory.CreateDirectory(Path.Combine(cli.Folder, "taken.bin.part"));
        boards.Target.Before = (_, _) => Assert.Fail("The board was read.");
        var result = await cli.RunAsync("read", "-o", Path.Combine(cli.Folder, name), "--format", "bin");
        Assert.Equal(2, result.ExitCode);
    }

    [Fact]
    public async Task A_device_is_not_replaced_by_a_file()
    {
        Assert.SkipUnless(File.Exists("/dev/null"), "There is no /dev/null here.");
        using var cli = new Cli { Boards = FakeBoards.One() };

        // A link, so that a mistake replaces the link and not the machine's device.
        var path = Path.Combine(cli.Folder, "link.bin");
        File.CreateSymbolicLink(path, "/dev/null");
        var result = await cli.RunAsync("read", "-o", path);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("is a device, not a file", result.Error, StringComparison.Ordinal);
        Assert.NotNull(new FileInfo(path).LinkTarget);
    }

    [Fact]
    public async Task A_failed_read_leaves_no_file()
    {
        var boards = FakeBoards.One();
        using var cli = new Cli { Boards = boards };
        boards.Target.Before = (_, at) => throw new TransportException(TransportFailure.Stall, "the board refused", address: at);
        var path = Path.Combine(cli.Folder, "out.bin");
        Assert.Equal(1, (await cli.RunAsync("read", "-o", path)).ExitCode);
        Assert.Empty(Directory.GetFiles(cli.Folder));
    }
}
