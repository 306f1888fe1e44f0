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
