using System.Collections.Immutable;
using System.Globalization;
using Defuse.Compatibility;

namespace Defuse.Bench.Performance;

/// <summary>The tables of real seconds and bytes, which depend on the machine.</summary>
internal static class MachineTables
{
    private const int Runs = 15;
    private const double MiB = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(40);

    /// <summary>Publishes what is measured, measures, and runs the virtual machine.</summary>
    public static async Task<ImmutableArray<(string Name, string Content)>> MakeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("defuse-bench-").FullName;
        try
        {
            await PublishAsync("src/Defuse.Cli", Path.Combine(folder, "cli"));
            await PublishAsync("bench/Defuse.Bench", Path.Combine(folder, "bench"));
            return [("start-up", await StartUpAsync(folder)), ("kernel", await KernelAsync(folder))];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> StartUpAsync(string folder)
    {
        var image = Path.Combine(folder, "image.bin");
        await File.WriteAllBytesAsync(image, Workload.Random(1 << 20, 1));
        var defuse = new Peer("defuse", Path.Combine(folder, "cli", "defuse"), (_, _, _, _) => null);
        var table = new Table("command", "what", "milliseconds, the least", "the median", "peak memory, MiB");
        foreach (var (arguments, what) in new (string[], string)[]
        {
            (["--version"], "start-up alone"),
            (["list"], "start-up, and this machine's USB"),
            (["info", image], "an image of 1 MiB"),
            (["flash", image, "--address", "0x08000000", "--device", "sim:pybv11?fresh=true"], "1 MiB onto a simulated board, whose bootloader and chip are in the same process"),
        })
        {
            var times = new List<double>();
            for (var i = 0; i < Runs; i++)
            {
                times.Add((await defuse.RunAsync(arguments, anyExitCode: true)).Milliseconds);
            }

            times.Sort();
            table.Row(
                $"`defuse {string.Join(' ', arguments.Select(x => x.Replace(folder + "/", "", StringComparison.Ordinal)))}`", what,
                times[0].ToString("0", CultureInfo.InvariantCulture), times[Runs / 2].ToString("0", CultureInfo.InvariantCulture),
                (await defuse.PeakAsync(arguments) / MiB).ToString("0", CultureInfo.InvariantCulture));
        }

        return table.ToString();
    }

    private static async Task<string> KernelAsync(string folder)
    {
        var share = Directory.CreateDirectory(Path.Combine(folder, "share")).FullName;
        Environment.SetEnvironmentVariable("VM_SHARE", share);
        var (code, output) = await Shell.RunAsync(
            Patience, "eng/usb-vm/run", "--time-limit", "2400", "eng/usb-vm/performance.sh", Path.Combine(folder, "bench"));
        return code == 0
            ? await File.ReadAllTextAsync(Path.Combine(share, "performance.md"))
            : throw new InvalidOperationException($"the virtual machine's part failed:\n{output}");
    }

    private static async Task PublishAsync(string project, string folder)
    {
        var (code, output) = await Shell.RunAsync(
            Patience, "dotnet", "publish", project, "-c", "Release", "-r", "linux-x64", "--self-contained", "false", "-p:PublishReadyToRun=true", "-o", folder);
        if (code != 0)
        {
            throw new InvalidOperationException(output);
        }
    }
}
