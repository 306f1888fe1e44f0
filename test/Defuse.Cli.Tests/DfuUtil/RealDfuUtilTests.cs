using System.Diagnostics;

namespace Defuse.Cli.Tests.DfuUtil;

/// <summary>Where dfu-util 0.11 is installed: its exit codes and words, and ours, where there is no device.</summary>
public sealed class RealDfuUtilTests : IDisposable
{
    // It would wait, or talk to whatever is plugged in here: nothing has this serial number.
    private const string Nobody = "no such serial number";

    private static readonly bool IsInstalled = Environment.GetEnvironmentVariable("PATH")?.Split(Path.PathSeparator)
        .Any(x => File.Exists(Path.Combine(x, "dfu-util"))) ?? false;

    private readonly Shim _shim = new($"{Cli.F767}?fresh=true");

    public static TheoryData<string> Lines => [.. """

        -x
        -D
        -s
        --device
        --de
        --dev 0483:df11 -l
        --u
        --v
        --q
        --list=x
        --li
        --a
        -l extra
        extra
        -D firmware.bin extra
        -V extra
        -l -- -x
        -l -
        -D nofile
        -D nofile -l
        -l -D nofile
        -lD nofile
        --download=nofile
        -D=nofile
        -V -D nofile
        -U x -D nofile
        -D firmware.bin
        -D firmware.bin -U new.bin
        -U firmware.bin
        -U new.bin
        -e
        -e -R
        -e -l
        -l
        -lv
        -l -R
        -R
        -a
        -a x
        -a -l
        -s :leave
        -s zz -D firmware.bin
        -s 0x08000000:foo -D firmware.bin
        -s 0x08000000:unprotect -D firmware.bin
        -t abc -l
        -t 1k -l
        -t 0x800 -l
        -t -5 -l
        -t 99999999999 -l
        -c x -l
        -c -1 -l
        -i x -l
        -E x -l
        -Z x -l
        -n x -l
        -p x -l
        -d zz -l
        -d 0483:df11:1 -l
        -V
        -Vl
        -w -V
        -V -x
        -x -V
        -h
        -hx
        -D blinky.dfu
        -D broken.dfu
        -d 1234:5678 -D blinky.dfu
        """.Split('\n')];

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task Without_a_device_it_ends_as_dfu_util_does(string line)
    {
        Assert.SkipUnless(IsInstalled, "dfu-util is not installed here.");
        File.Copy(_shim.DfuSe, Path.Combine(_shim.Cli.Folder, "broken.dfu"));
        await using (var broken = File.OpenWrite(Path.Combine(_shim.Cli.Folder, "broken.dfu")))
        {
            broken.Position = 400;
            broken.WriteByte(0xEE);
        }

        // The serial number comes first, so that it takes away nobody's value.
        string[] args = ["-S", Nobody, .. line.Split(' ', StringSplitOptions.RemoveEmptyEntries)];
        var (exitCode, output, error) = await RealAsync(args);
        var ours = await _shim.RunAsync([.. args.Select(InFolder)]);

        Assert.Equal(exitCode, ours.ExitCode);
        Assert.Equal(Words(output), Words(ours.Out));
        Assert.Equal(Words(error), Words(_shim.Cli.Scrub(ours.Error)));
    }

    public void Dispose() => _shim.Dispose();

    // Ours run in this process, whose folder is not theirs to change.
    private string InFolder(string arg)
    {
        foreach (var name in new[] { "firmware.bin", "new.bin", "nofile", "blinky.dfu", "broken.dfu" })
        {
            if (arg == name || (arg.StartsWith("--", StringComparison.Ordinal) && arg.EndsWith("=" + name, StringComparison.Ordinal)))
            {
                return arg[..^name.Length] + Path.Combine(_shim.Cli.Folder, name);
            }
        }

        return arg;
    }

    private async Task<(int ExitCode, string Out, string Error)> RealAsync(string[] args)
    {
        var start = new ProcessStartInfo("dfu-util", args) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = _shim.Cli.Folder };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }

    // Without the banner's and the usage's own words, what libusb is, and the warnings on files that are as they should be.
    private static IEnumerable<string> Words(string text) => text.Split('\n')
        .TakeWhile(x => !x.StartsWith("Usage:", StringComparison.Ordinal))
        .Where(x => x.Length > 0
            && !x.StartsWith("This is Defuse", StringComparison.Ordinal)
            && !x.StartsWith("Copyright", StringComparison.Ordinal)
            && !x.StartsWith("This program is Free", StringComparison.Ordinal)
            && !x.StartsWith("Please report bugs", StringComparison.Ordinal)
            && !x.StartsWith("libusb version", StringComparison.Ordinal)
            && !x.EndsWith("Invalid DFU suffix signature", StringComparison.Ordinal)
            && !x.EndsWith("A valid DFU suffix will be required in a future dfu-util release", StringComparison.Ordinal));
}
