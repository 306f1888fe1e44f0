using System.Diagnostics;

namespace Defuse.Cli.Tests;

/// <summary>Where firmware is read from.</summary>
public class SourceTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task A_pipe_without_a_writer_ends_with_the_interrupt()
    {
        using var interrupt = new CancellationTokenSource();
        using var cli = new Cli { Interrupt = interrupt.Token };
        var path = await PipeAsync(cli);
        var running = Task.Run(() => cli.RunAsync("info", path));
        interrupt.CancelAfter(TimeSpan.FromMilliseconds(200));
        var result = await running.WaitAsync(Patience);
        Assert.Equal((130, ""), (result.ExitCode, result.Out));

        // Lets go of the thread that still waits for a writer.
        await using var writer = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
    }

    [Fact]
    public async Task A_pipe_that_delivers_is_read()
    {
        using var cli = new Cli();
        var path = await PipeAsync(cli);
        var bytes = await File.ReadAllBytesAsync(cli.Dfu);
        var writing = Task.Run(() => File.WriteAllBytes(path, bytes));
        var result = await Task.Run(() => cli.RunAsync("info", path)).WaitAsync(Patience);
        await writing.WaitAsync(Patience);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("DfuSe file", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stdin_is_read_under_the_name_of_a_dash()
    {
        using var cli = new Cli();
        cli.Input = await File.ReadAllBytesAsync(cli.Dfu);
        var result = await cli.RunAsync("info", "-");
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Assert.StartsWith("stdin: DfuSe file, 1,365 bytes\n", result.Out, StringComparison.Ordinal);
        result = await cli.RunAsync("flash", "-", "-d", Cli.F767, "--json");
        Assert.Equal((0, "-"), (result.ExitCode, result.Result.GetProperty("file").GetString()));
        Assert.Equal(0, (await cli.RunAsync("verify", "-", "-d", Cli.F767)).ExitCode);
        cli.Input[0x130] ^= 1;
        Assert.Equal(6, (await cli.RunAsync("verify", "-", "-d", Cli.F767, "--allow", "crc")).ExitCode);
    }

    [Fact]
    public async Task A_terminal_that_sends_nothing_is_not_waited_for()
    {
        using var silence = new FakePipe(isSilent: true);
        using var cli = new Cli { InIsTerminal = true, In = silence };
        var result = await cli.RunAsync("info", "-").WaitAsync(Patience);
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        Assert.StartsWith("error: - is stdin, and nothing is sent to it\n  help: pipe the firmware in: ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_any_firmware_is_not_read_from_a_pipe()
    {
        await using var zeros = new FakePipe(isSilent: false);
        using var cli = new Cli { In = zeros };
        var result = await cli.RunAsync("info", "-").WaitAsync(Patience);
        Assert.Equal((5, ""), (result.ExitCode, result.Out));
        Assert.Contains("stdin holds more than 256 MB", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_without_a_length_that_delivers_is_refused()
    {
        Assert.SkipUnless(File.Exists("/proc/self/maps"), "There is no /proc here.");
        using var cli = new Cli();
        var result = await cli.RunAsync("info", "/proc/self/maps");
        Assert.Equal((2, "error: /proc/self/maps is a device, not a file\n  help: name a file, or a pipe\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task A_folder_is_told_from_a_file()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("info", cli.Folder);
        Assert.Equal((2, $"error: {cli.Folder} is a folder, not a file\n"), (result.ExitCode, result.Error));
    }

    [Fact]
    public async Task A_device_is_refused()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "There is no /dev/zero here.");
        using var cli = new Cli();
        var result = await cli.RunAsync("info", "/dev/zero");
        Assert.Equal((2, ""), (result.ExitCode, result.Out));
        Assert.Contains("/dev/zero is a device, not a file", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task More_than_any_firmware_is_refused_unread()
    {
        using var cli = new Cli();
        var path = Path.Combine(cli.Folder, "large.bin");
        await using (var file = File.Create(path))
        {
            file.SetLength((256 << 20) + 1L);
        }

        var result = await cli.RunAsync("info", path);
        Assert.Equal((5, ""), (result.ExitCode, result.Out));
        Assert.Contains("more than 256 MB", result.Error, StringComparison.Ordinal);
    }

    private static async Task<string> PipeAsync(Cli cli)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/mkfifo"), "There is no mkfifo here.");
        var path = Path.Combine(cli.Folder, "pipe.dfu");
        using var mkfifo = Process.Start("/usr/bin/mkfifo", [path]);
        await mkfifo.WaitForExitAsync();
        return path;
    }
}
