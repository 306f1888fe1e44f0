using System.Diagnostics;

namespace Defuse.Cli.Tests.DfuUtil;

/// <summary>The program itself under the name dfu-util, as callers that bring a dfu-util along have it.</summary>
public sealed class ProgramNameTests
{
    [Fact]
    public async Task A_link_called_dfu_util_takes_its_arguments()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Where a link is called by its own name is known of Linux alone.");
        var program = Path.Combine(AppContext.BaseDirectory, "defuse");
        Assert.SkipUnless(File.Exists(program), "There is no executable beside the tests.");
        using var cli = new Cli();
        var link = Path.Combine(cli.Folder, "dfu-util");
        File.CreateSymbolicLink(link, program);
        var start = new ProcessStartInfo(link, ["-l", "-a0"]) { RedirectStandardOutput = true };
        start.Environment["DEFUSE_DEVICE"] = Cli.F767;
        start.Environment["DEFUSE_SIMULATOR_DIR"] = cli.Folder;
        using var process = Process.Start(start)!;
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, process.ExitCode);
        Assert.StartsWith("dfu-util 0.11\n", output, StringComparison.Ordinal);
        Assert.Contains("\nFound DFU: [0483:df11]", output, StringComparison.Ordinal);
    }
}
