using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Defuse.Compatibility;
using Defuse.Platform;
using Defuse.Simulator;
using Defuse.UsbIp;

namespace Defuse.Bench.Performance;

/// <summary>Runs in real time, through a Linux kernel's USB stack: dfu-util and Defuse, both over libusb.</summary>
internal sealed class KernelRun
{
    public const string Fresh = "kernel, fresh";
    public const string Requests = "kernel, requests";
    public const string Little = "kernel, little to do";
    public const string MassErase = "kernel, mass erase";
    private const double EraseChipGoal = 0.45;
    private const double OfTheFloor = 1.05;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan HalfASecond = TimeSpan.FromSeconds(0.5);

    private readonly Table _fresh = new("board", "image", "Defuse s", "dfu-util s", "floor s", "ms a transfer", "Defuse / dfu-util");
    private readonly Table _requests = new("board", "run of dfu-util", "Defuse: requests", "slept ms", "dfu-util: requests", "slept ms", "the model: requests", "slept ms", "the same requests?");
    private readonly Table _little = new("board", "image", "unchanged: s", "at most", "data blocks", "one byte changed: s", "at most");
    private readonly Table _massErase = new("board", "image", "Defuse s", "dfu-util, sector by sector: s", "Defuse / that");
    private readonly List<Goal> _goals = [];

    /// <summary>The boards whose chip is erased at once, where that is shorter than erasing page by page.</summary>
    public static ImmutableArray<BenchBoard> ErasedAtOnce { get; } = [.. BenchBoard.All.Where(x => x.HasPages)];

    /// <summary>Measures the boards that are named, or all, and writes what came out.</summary>
    public static async Task<int> RunAsync(string path, string[] only)
    {
        var boards = BenchBoard.All.Where(x => only.Length == 0 || only.Contains(x.Chip)).ToList();
        if (boards.Count == 0)
        {
            throw new ArgumentException("No board has such a name.", nameof(only));
        }

        var run = new KernelRun();
        await WarmUpAsync();
        foreach (var which in boards)
        {
            await run.MeasureAsync(which);
        }

        if (boards.Contains(BenchBoard.All[0]))
        {
            await run.CompareDoubtedMassEraseAsync(BenchBoard.All[0]);
        }

        var result = new KernelResult(
            ImmutableSortedDictionary.CreateRange(
                StringComparer.Ordinal,
                new Dictionary<string, string>(StringComparer.Ordinal)
                {
                    [Fresh] = run._fresh.ToString(),
                    [Requests] = run._requests.ToString(),
                    [Little] = run._little.ToString(),
                    [MassErase] = run._massErase.ToString(),
                }),
            [.. run._goals]);
        await File.WriteAllTextAsync(path, JsonSerializer.Serialize(result));
        return 0;
    }

    // Whatever runs first also waits for the runtime, which compiles and loads, and in an emulated machine takes long over it.
    private static async Task WarmUpAsync()
    {
        var which = BenchBoard.All.First(x => x.HasPages);
        await using var bench = new Plugged(which);
        await bench.ByDefuseAsync(Workload.Fresh(which with { Size = 4 << 10 }), which);
    }

    private static string Seconds(Measurement? measured) => measured is null ? "fails" : Table.Seconds(measured.Elapsed);

    private static string Requested(Measurement? measured) => measured is null ? "fails" : Table.Number(measured.Transfers);

    private static string Slept(Measurement? measured) => measured is null ? "fails" : Table.Milliseconds(measured.Slept);

    private async Task MeasureAsync(BenchBoard which)
    {
        await using var bench = new Plugged(which);
        var fresh = Workload.Fresh(which);
        var theirs = await bench.ByDfuUtilAsync(fresh, which);
        var asked = bench.Requests;
        var ours = await bench.ByDefuseAsync(fresh, which);
        Compare(which, fresh, ours, theirs, asked);

        // What is left of the time when nobody sleeps and the chip does not work.
        var again = await bench.ByDefuseAsync(fresh, which: null);
        var transfer = (again.Elapsed - again.Slept) / again.Transfers;
        var floor = Floor.Of(fresh, bench.Board.Chip, bench.BlockSize, transfer);
        _fresh.Row(
            which.Chip, fresh.Name, Table.Seconds(ours.Elapsed), Seconds(theirs), Table.Seconds(floor), transfer.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture),
            theirs is null ? "–" : Table.Beside(ours.Elapsed / theirs.Elapsed, which.Goal));
        if (theirs is not null && which.Goal is { } goal)
        {
            _goals.Add(new(Goals.Fresh, which.Chip, ours.Elapsed / theirs.Elapsed, goal));
        }

        var read = Floor.OfReading(fresh, bench.BlockSize, transfer) + HalfASecond;
        _goals.Add(new(Goals.Unchanged, which.Chip, again.Elapsed / read, 1));
        _goals.Add(new(Goals.NothingSent, which.Chip, again.Blocks, 0));
        var changed = Workload.Of(which, bench.Board.Chip).Single(x => x.Name == Workload.OneByte);
        changed.Prepare(bench.Board);
        var change = await bench.ByDefuseAsync(changed, which: null);
        var little = again.Elapsed + Floor.OfChange(changed, bench.Board.Chip, bench.BlockSize, transfer);
        _goals.Add(new(Goals.OneByte, which.Chip, change.Elapsed / little, OfTheFloor));
        _little.Row(which.Chip, fresh.Name, Seconds(again), Table.Seconds(read), Table.Number(again.Blocks), Seconds(change), Table.Seconds(little));

        if (which.HasPages)
        {
            var atOnce = fresh with { Name = "--erase chip", EraseChip = true };
            var erased = await bench.ByDefuseAsync(atOnce, which);
            double? limit = which.Name.Contains("l476", StringComparison.Ordinal) ? EraseChipGoal : null;
            _massErase.Row(which.Chip, fresh.Name, Seconds(erased), Seconds(theirs), theirs is null ? "–" : Table.Beside(erased.Elapsed / theirs.Elapsed, limit));
            if (theirs is not null && limit is { } most)
            {
                _goals.Add(new(Goals.EraseChip, which.Chip, erased.Elapsed / theirs.Elapsed, most));

                // It announces what its mass erase takes, so that this costs little.
                Compare(which, atOnce, null, await bench.ByDfuUtilAsync(atOnce, which), bench.Requests);
            }
        }
    }

    // One block behind a mass erase that is announced to take 100 ms.
    private async Task CompareDoubtedMassEraseAsync(BenchBoard which)
    {
        await using var bench = new Plugged(which);
        var workload = new Workload("mass erase, 2 KiB", Workload.Random(2 << 10, 1), EraseChip: true);
        Compare(which, workload, null, await bench.ByDfuUtilAsync(workload, which), bench.Requests);
    }

    private void Compare(BenchBoard which, Workload workload, Measurement? ours, Measurement? theirs, IReadOnlyList<Request> asked)
    {
        var (modelled, measured) = VirtualRun.Requests(which, workload, Tool.DfuUtil, TimeSpan.FromMilliseconds(1));
        if (theirs is null && measured is not null)
        {
            throw new InvalidOperationException($"{which.Chip}, {workload.Name}: dfu-util fails, and its model does not.");
        }

        var agreement = modelled.SequenceEqual(asked) ? "yes, each"
            : WithoutPolls(modelled).SequenceEqual(WithoutPolls(asked)) ? "yes, but for polls"
            : "**no**";
        _requests.Row(
            which.Chip, workload.EraseChip && ours is null ? $"mass erase, {workload.Image!.Length >> 10} KiB" : workload.Name, ours is null ? "–" : Requested(ours), ours is null ? "–" : Slept(ours),
            Requested(theirs), Slept(theirs), Requested(measured), Slept(measured), agreement);
    }

    // How often it asks about an erase depends on the time. Nothing but a GETSTATUS behind a GETSTATUS is left out.
    private static IEnumerable<Request> WithoutPolls(IReadOnlyList<Request> requests) =>
        requests.Where((x, i) => i == 0 || !x.IsGetStatus || !requests[i - 1].IsGetStatus);

    /// <summary>A board at the kernel's bus, and a meter between them.</summary>
    private sealed class Plugged : IAsyncDisposable
    {
        private readonly Meter _meter;
        private readonly UsbIpServer _server;
        private readonly Vhci _vhci;

        public Plugged(BenchBoard which)
        {
            Board = which.Create(0, VirtualClock.Following(1));
            _meter = new Meter(Board, null) { Requests = [] };
            _server = UsbIpServer.Start([_meter], port: 0);
            _vhci = new Vhci(0, _server.EndPoint.Port);
        }

        public SimulatedBoard Board { get; }

        public int BlockSize => Tool.BlockSize(Board);

        public IReadOnlyList<Request> Requests { get; private set; } = [];

        /// <summary>Has dfu-util flash it; null if that failed.</summary>
        public Task<Measurement?> ByDfuUtilAsync(Workload workload, BenchBoard which) => ByAsync(which, async place =>
        {
            var file = Path.GetTempFileName();
            try
            {
                await File.WriteAllBytesAsync(file, workload.Image!);
                var where = "0x08000000" + (workload.EraseChip ? ":mass-erase:force" : "");
                var (code, output) = await Shell.RunAsync(Patience, "dfu-util", "-d", "0483:df11", "-p", place, "-a", "0", "-s", where, "-D", file);
                if (code != 0)
                {
                    Console.WriteLine(output[^Math.Min(output.Length, 300)..]);
                    return false;
                }
            }
            finally
            {
                File.Delete(file);
            }

            workload.Check(Board);
            return true;
        });

        /// <summary>Has Defuse flash it.</summary>
        /// <param name="workload">What.</param>
        /// <param name="which">What it is, if it is filled with old firmware before; else null.</param>
        public async Task<Measurement> ByDefuseAsync(Workload workload, BenchBoard? which) => (await ByAsync(which, async place =>
        {
            await Tool.Verifying.RunAsync(workload, Board, PlatformUsb.CreateHost(), place);
            workload.Check(Board);
            return true;
        }))!;

        public async ValueTask DisposeAsync()
        {
            await _server.DisposeAsync();
            Board.Dispose();
        }

        private async Task<Measurement?> ByAsync(BenchBoard? which, Func<string, Task<bool>> work)
        {
            which?.FillWithOldFirmware(Board);
            var place = await _vhci.AttachAsync();
            try
            {
                _meter.Reset();
                var isDone = await work(place);
                var measured = _meter.Measured;
                Requests = [.. _meter.Requests!];
                Console.WriteLine($"{which?.Chip}: {measured}");
                return isDone ? measured : null;
            }
            finally
            {
                await _vhci.DetachAsync();
            }
        }
    }
}
