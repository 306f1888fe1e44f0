using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Defuse.Compatibility;
using Defuse.Simulator;
using Defuse.Transports;

namespace Defuse.Bench.Performance;

/// <summary>The tables of real seconds and bytes, which depend on the machine.</summary>
internal static class MachineTables
{
    private const int Runs = 15;
    private const int Boards = 16;
    private const double MostOfOne = 1.3;
    private const double MostToStart = 60;
    private const double MiB = 1 << 20;
    private const string SideBySide = "side by side";
    private const string StartUp = "start-up";
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(40);

    private static readonly ImmutableArray<(ImmutableArray<string> Arguments, string What)> Commands =
    [
        (["--version"], "start-up alone"),
        (["list"], "start-up, and this machine's USB"),
        (["info", "IMAGE"], "an image of 1 MiB"),
        (["flash", "IMAGE", "--address", "0x08000000", "--device", "sim:pybv11?fresh=true"], "1 MiB onto a simulated board, whose bootloader and chip are in the same process"),
    ];

    private static IEnumerable<BenchBoard> AsSimulated => BenchBoard.All.Where(x => x.PollTimes is null);

    /// <summary>The parts, each with the texts that one of its columns has to have.</summary>
    public static ImmutableArray<(string Name, int Column, ImmutableArray<string> Rows)> Expected { get; } =
    [
        (SideBySide, 0, [.. AsSimulated.Select(x => x.Chip)]),
        (StartUp, 1, [.. Commands.Select(x => x.What)]),
        (KernelRun.Fresh, 0, [.. BenchBoard.All.Select(x => x.Chip)]),
        (KernelRun.Requests, 0, [.. BenchBoard.All.Select(x => x.Chip)]),
        (KernelRun.Requests, 1, [.. BenchBoard.All.Select(x => Workload.Fresh(x).Name), "mass erase, 2 KiB", "mass erase, 300 KiB"]),
        (KernelRun.Little, 0, [.. BenchBoard.All.Select(x => x.Chip)]),
        (KernelRun.MassErase, 0, [.. KernelRun.ErasedAtOnce.Select(x => x.Chip)]),
        ("goals, this machine", 0, [Goals.SideBySide, Goals.Version, .. Goals.OfTheKernel]),
    ];

    /// <summary>Publishes what is measured, measures, and runs the virtual machine.</summary>
    public static async Task<ImmutableArray<(string Name, string Content)>> MakeAsync()
    {
        var folder = Directory.CreateTempSubdirectory("defuse-bench-").FullName;
        try
        {
            await PublishAsync("src/Defuse.Cli", Path.Combine(folder, "cli"));
            await PublishAsync("bench/Defuse.Bench", Path.Combine(folder, "bench"));
            var goals = new List<Goal>();
            var startUp = await StartUpAsync(folder, goals);
            var sideBySide = await SideBySideAsync(goals);
            var kernel = await KernelAsync(folder);
            return
            [
                (StartUp, startUp), (SideBySide, sideBySide), .. kernel.Parts.Select(x => (x.Key, x.Value)),
                ("goals, this machine", Goal.Summary([.. kernel.Goals, .. goals])),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<string> StartUpAsync(string folder, List<Goal> goals)
    {
        var image = Path.Combine(folder, "image.bin");
        await File.WriteAllBytesAsync(image, Workload.Random(1 << 20, 1));
        var defuse = new Peer("defuse", Path.Combine(folder, "cli", "defuse"), (_, _, _, _) => null);
        var table = new Table("command", "what", "milliseconds, the least", "the median", "peak memory, MiB");
        foreach (var (command, what) in Commands)
        {
            string[] arguments = [.. command.Select(x => x == "IMAGE" ? image : x)];

            // A machine without a board has none to list, and says so with its exit code.
            var isAnyGood = command[0] == "list";
            var times = new List<double>();
            for (var i = 0; i < Runs; i++)
            {
                times.Add((await defuse.RunAsync(arguments, isAnyGood)).Milliseconds);
            }

            times.Sort();
            if (command[0] == "--version")
            {
                goals.Add(new(Goals.Version, "this machine", times[Runs / 2], MostToStart));
            }

            table.Row(
                $"`defuse {string.Join(' ', arguments.Select(x => x.Replace(folder + "/", "", StringComparison.Ordinal)))}`", what,
                times[0].ToString("0", CultureInfo.InvariantCulture), times[Runs / 2].ToString("0", CultureInfo.InvariantCulture),
                (await defuse.PeakAsync(arguments) / MiB).ToString("0", CultureInfo.InvariantCulture));
        }

        return table.ToString();
    }

    private static async Task<string> SideBySideAsync(List<Goal> goals)
    {
        var table = new Table("board", "image", "one: s", "16 side by side: s", "16 / one");
        foreach (var which in AsSimulated)
        {
            // The first run is also that in which the runtime compiles.
            await TimeAsync(which with { Size = 4 << 10 }, Boards);
            var one = await TimeAsync(which, 1);
            var all = await TimeAsync(which, Boards);
            table.Row(which.Chip, Workload.Fresh(which).Name, Table.Seconds(one), Table.Seconds(all), Table.Beside(all / one, MostOfOne));
            goals.Add(new(Goals.SideBySide, which.Chip, all / one, MostOfOne));
        }

        return table.ToString();
    }

    private static async Task<TimeSpan> TimeAsync(BenchBoard which, int count)
    {
        var boards = Enumerable.Range(0, count).Select(x => which.Create(x, VirtualClock.Following(1))).ToList();
        try
        {
            var workload = Workload.Fresh(which);
            var host = new UsbPeripheralHost(boards);
            var started = Stopwatch.GetTimestamp();
            await Task.WhenAll(boards.Select(x => Task.Run(() => Tool.Verifying.RunAsync(workload, x, host, x.Location))));
            var elapsed = Stopwatch.GetElapsedTime(started);
            boards.ForEach(workload.Check);
            return elapsed;
        }
        finally
        {
            boards.ForEach(x => x.Dispose());
        }
    }

    private static async Task<KernelResult> KernelAsync(string folder)
    {
        var share = Directory.CreateDirectory(Path.Combine(folder, "share")).FullName;
        Environment.SetEnvironmentVariable("VM_SHARE", share);
        var (code, output) = await Shell.RunAsync(
            Patience, "eng/usb-vm/run", "--time-limit", "2400", "eng/usb-vm/performance.sh", Path.Combine(folder, "bench"));
        Console.WriteLine(output);
        return code == 0
            ? JsonSerializer.Deserialize<KernelResult>(await File.ReadAllTextAsync(Path.Combine(share, "performance.json")))!
            : throw new InvalidOperationException($"the virtual machine's part failed with {code}");
    }

    private static async Task PublishAsync(string project, string folder)
    {
        var (code, output) = await Shell.RunAsync(
            Patience, "dotnet", "publish", project, "-c", "Release", "-r", "linux-x64", "--self-contained", "false", "-p:PublishReadyToRun=true", "-p:RunAnalyzers=false", "-o", folder);
        if (code != 0)
        {
            throw new InvalidOperationException(output);
        }
    }
}
