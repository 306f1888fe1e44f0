
namespace Defuse.Cli.Tests;

public class KeepAndBackupTests
{
    private const string Start = "0x08000000";

    [Fact]
    public async Task A_flash_keeps_what_the_file_has_no_bytes_for_and_leaves_no_file_behind()
    {
        using var cli = new Cli();
        var old = Fill(cli);
        await cli.RunAsync("flash", old, "-a", Start, "-d", Cli.F767, "--no-start");
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--keep", "unwritten");
        Assert.Equal(0, result.ExitCode);
        Golden.Check("flash-keep", cli.Scrub(result.Error));
        Assert.Empty(Directory.GetFiles(cli.Folder, "defuse-kept-*"));
        await cli.RunAsync("read", "-o", Path.Combine(cli.Folder, "after.bin"), "--range", "0x08000000+100000", "-d", Cli.F767, "-q");
        var before = await File.ReadAllBytesAsync(old, TestContext.Current.CancellationToken);
        var after = await File.ReadAllBytesAsync(Path.Combine(cli.Folder, "after.bin"), TestContext.Current.CancellationToken);
        Assert.NotEqual(before[..1056], after[..1056]);
        Assert.Equal(before[1056..], after[1056..]);
    }

    [Fact]
    public async Task The_plan_says_what_is_kept_and_saved()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync(
            "flash", cli.Dfu, "-d", Cli.F767, "--dry-run", "--keep", "0x08001000+4K", "--keep", "0x08000400+1K", "--backup", Path.Combine(cli.Folder, "b.dfu"));
        Assert.Equal(0, result.ExitCode);
        Golden.Check("dry-run-keep", cli.Scrub(result.Out));
        Assert.False(File.Exists(Path.Combine(cli.Folder, "b.dfu")));
        Assert.Contains("take a backup as well", (await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--dry-run", "--keep", "unwritten")).Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("before.dfu")]
    [InlineData("before.hex")]
    public async Task A_backup_is_flashed_to_have_all_back_and_is_never_overwritten(string name)
    {
        using var cli = new Cli();
        var old = Fill(cli);
        var backup = Path.Combine(cli.Folder, name);
        await cli.RunAsync("flash", old, "-a", Start, "-d", Cli.F767, "--no-start");
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--backup", backup);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains($"Saved 32,768 bytes that will be overwritten to {backup}.", result.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await cli.RunAsync("flash", old, "-a", Start, "-d", Cli.F767, "--backup", backup)).ExitCode);
        Assert.Equal(2, (await cli.RunAsync("erase", "--chip", "-d", Cli.F767, "--backup", backup)).ExitCode);

        Assert.Equal(0, (await cli.RunAsync("flash", backup, "-d", Cli.F767, "--no-start")).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("verify", old, "-a", Start, "-d", Cli.F767)).ExitCode);
    }

    [Fact]
    public async Task An_erase_has_a_way_back()
    {
        using var cli = new Cli();
        var backup = Path.Combine(cli.Folder, "b.hex");
        await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767);
        Assert.Equal(0, (await cli.RunAsync("erase", "--range", "0x08000000+1", "-d", Cli.F767, "--backup", backup)).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("flash", backup, "-d", Cli.F767, "--no-start")).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("verify", cli.Dfu, "-d", Cli.F767)).ExitCode);
    }

    [Fact]
    public async Task Where_nothing_is_overwritten_there_is_no_backup_and_that_is_said()
    {
        using var cli = new Cli();
        var backup = Path.Combine(cli.Folder, "b.dfu");
        await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767);
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--backup", backup);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("was not written", result.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(backup));
    }

    [Fact]
    public async Task Cut_off_the_file_with_what_was_kept_is_named()
    {
        var boards = FakeBoards.One();
        var target = boards.Target;
        target.Memory[..1024].Fill(0x11);
        target.Before = (what, _) =>
        {
            if (what == "write")
            {
                throw new TransportException(TransportFailure.Disconnected, "the device left the bus");
            }
        };
        using var cli = new Cli { Boards = boards };
        var result = await cli.RunAsync("flash", cli.Dfu, "--keep", "unwritten");

        Assert.Equal(7, result.ExitCode);
        var kept = Assert.Single(Directory.GetFiles(cli.Folder, "defuse-kept-*"));
        Assert.Contains($"what was overwritten is in {kept}", result.Error, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(kept));
        }
    }

    [Theory]
    [InlineData("unplug@write:2000")]
    [InlineData("refuse@write:2000")]
    [InlineData("bitrot@verify:2000")]
    public async Task Cut_off_the_file_comes_first_and_brings_everything_back(string fault)
    {
        const string Board = "sim:pybv11";
        using var cli = new Cli();
        var old = Fill(cli);
        var image = cli.Write("new.bin", (await File.ReadAllBytesAsync(old, TestContext.Current.CancellationToken))[50_000..55_000]);
        await cli.RunAsync("flash", old, "-a", Start, "-d", Board, "--no-start");
        string[] command = ["flash", image, "-a", Start, "--keep", "unwritten", "--no-start"];

        var result = await cli.RunAsync([.. command, "-d", $"{Board}?fault={fault}"]);

        Assert.Contains(result.ExitCode, new[] { 6, 7 });
        var kept = Assert.Single(Directory.GetFiles(cli.Folder, "defuse-kept-*"));
        var last = result.Error.TrimEnd().Split('\n')[^1];
        Assert.StartsWith("  help: ", last, StringComparison.Ordinal);
        Assert.EndsWith($"flash {kept} first, which has what was overwritten; then run the same command again", last, StringComparison.Ordinal);
        Assert.DoesNotContain("finishes the job", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await cli.RunAsync("flash", kept, "-d", Board, "--no-start")).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("verify", old, "-a", Start, "-d", Board)).ExitCode);
        Assert.Equal(0, (await cli.RunAsync([.. command, "-d", Board])).ExitCode);
    }

    [Fact]
    public async Task Cut_off_programs_are_told_the_same()
    {
        using var cli = new Cli();
        var backup = Path.Combine(cli.Folder, "b.hex");
        await cli.RunAsync("flash", Fill(cli), "-a", Start, "-d", Cli.F767, "--no-start");

        var result = await cli.RunAsync("flash", cli.Dfu, "--backup", backup, "--json", "-d", Cli.F767 + "?fault=unplug@write:700");

        var remedy = result.Result.GetProperty("error").GetProperty("remedy").GetString()!;
        Assert.EndsWith($"flash {backup} first, which has what was overwritten; then run the same command again without --backup", remedy, StringComparison.Ordinal);
        Assert.DoesNotContain("finishes the job", remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_not_read_back_does_not_cost_the_file()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", Fill(cli), "-a", Start, "-d", Cli.F767, "--no-start");
        var result = await cli.RunAsync("flash", cli.Dfu, "--keep", "unwritten", "--no-verify", "-d", Cli.F767);
        Assert.Equal(8, result.ExitCode);
        Assert.Contains(Assert.Single(Directory.GetFiles(cli.Folder, "defuse-kept-*")), result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_backup_without_addresses_is_refused()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--backup", Path.Combine(cli.Folder, "b.bin"));
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("have no addresses", result.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await cli.RunAsync("erase", "--range", "0x08000000+1", "-d", Cli.F767, "--backup", Path.Combine(cli.Folder, "b.bin"))).ExitCode);
    }

    [Fact]
    public async Task Data_EEPROM_is_in_the_backup_and_OTP_is_not_called_unwritten()
    {
        const string L0 = "sim:b-l072z-lrwan1";
        using var cli = new Cli();
        var backup = Path.Combine(cli.Folder, "b.hex");
        var first = cli.Write("first.bin", [1, 2, 3, 4]);
        var second = cli.Write("second.bin", [5, 6, 7, 8]);
        await cli.RunAsync("flash", first, "-a", "0x08080000", "-d", L0, "--no-start");
        var result = await cli.RunAsync("flash", second, "-a", "0x08080000", "-d", L0, "--no-start", "--backup", backup);
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("Nothing was overwritten", result.Error, StringComparison.Ordinal);
        Assert.Equal(0, (await cli.RunAsync("flash", backup, "-d", L0, "--no-start")).ExitCode);
        Assert.Equal(0, (await cli.RunAsync("verify", first, "-a", "0x08080000", "-d", L0)).ExitCode);

        result = await cli.RunAsync(
            "flash", first, "-a", "0x1FFF7800", "-d", "sim:pybv11", "--no-start", "--allow", "otp-for-good", "--backup", Path.Combine(cli.Folder, "otp.hex"));
        Assert.Equal(0, result.ExitCode);
        Assert.DoesNotContain("Nothing was overwritten", result.Error, StringComparison.Ordinal);
        Assert.Contains("There was nothing to save", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_that_takes_whole_images_keeps_nothing()
    {
        using var cli = new Cli();
        Assert.Equal(5, (await cli.RunAsync("flash", cli.Dfu, "-d", "sim:maple", "--keep", "unwritten")).ExitCode);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("0x08000000")]
    public async Task What_is_no_range_is_told(string what)
    {
        using var cli = new Cli();
        Assert.Equal(2, (await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767, "--keep", what)).ExitCode);
    }

    [Fact]
    public async Task A_plan_needs_no_board_at_hand()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("flash", cli.Dfu, "--dry-run", "--board", "nucleo-f767zi");
        Assert.Equal(0, result.ExitCode);
        Golden.Check("dry-run-board", cli.Scrub(result.Out));
        Assert.Equal(0, (await cli.RunAsync("flash", cli.Dfu, "--dry-run", "--chip", "STM32F767ZI")).ExitCode);
        Assert.Equal(2, (await cli.RunAsync("flash", cli.Dfu, "--board", "nucleo-f767zi")).ExitCode);
        Assert.Equal(2, (await cli.RunAsync("flash", cli.Dfu, "--dry-run", "--board", "nucleo-f767zi", "-d", Cli.F767)).ExitCode);
    }

    private static string Fill(Cli cli)
    {
        var bytes = new byte[100_000];
        new Random(5).NextBytes(bytes);
        return cli.Write("old.bin", bytes);
    }
}
