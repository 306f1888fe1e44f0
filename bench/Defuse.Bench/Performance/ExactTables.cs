using System.Collections.Immutable;
using Defuse.Simulator;

namespace Defuse.Bench.Performance;

/// <summary>The tables in virtual time, which are the same on every machine.</summary>
internal sealed class ExactTables
{
    private const double AtOneMillisecond = 1.05;
    private const double OfTheFloor = 1.05;
    private const double OfTheBus = 1.1;
    private const double EraseChip = 0.45;
    private static readonly TimeSpan One = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan TwoAndAHalf = TimeSpan.FromMilliseconds(2.5);
    private static readonly TimeSpan HalfASecond = TimeSpan.FromSeconds(0.5);

    private readonly Dictionary<(BenchBoard Board, string Workload, Tool Tool, TimeSpan Transfer), Measurement?> _runs = [];
    private readonly List<Goal> _goals = [];

    public static ImmutableArray<(string Name, string Content)> Make()
    {
        var tables = new ExactTables();
        return
        [
            ("short", tables.Short()),
            ("requests", tables.Requests()),
            ("fresh at 1 ms", tables.Fresh(One, AtOneMillisecond)),
            ("fresh at 2.5 ms", tables.Fresh(TwoAndAHalf, null)),
            ("write only", tables.WriteOnly()),
            ("unchanged", tables.Unchanged()),
            ("one byte changed", tables.OneByte()),
            ("other work", tables.OtherWork()),
            ("many boards", tables.ManyBoards()),
            ("goals", Goal.Summary(tables._goals)),
        ];
    }

    private static string Of(Measurement? measured, Func<Measurement, string> text) => measured is null ? "fails" : text(measured);

    private static string Seconds(Measurement? measured) => Of(measured, x => Table.Seconds(x.Elapsed));

    private static bool IsFresh(Workload workload) => workload is { Image: not null, Holds: null, EraseChip: false, IsFull: true };

    private static IEnumerable<(BenchBoard Which, SimulatedBoard Board, Workload Workload)> Of(Func<Workload, bool> isMeant)
    {
        foreach (var which in BenchBoard.All)
        {
            using var board = which.Create(0, VirtualClock.Stepped());
            foreach (var workload in Workload.Of(which, board.Chip).Where(isMeant))
            {
                yield return (which, board, workload);
            }
        }
    }

    private string Short()
    {
        var table = new Table("board", "image", "Defuse, verified: s", "dfu-util: s", "dfu-util, truthful board: s", "unchanged: Defuse s", "one byte changed: Defuse s");
        foreach (var (which, board, workload) in Of(x => x.Name == Workload.Unchanged).Where(x => x.Which.PollTimes is null))
        {
            var truthful = BenchBoard.All.Single(x => x.Name == which.Name && x.PollTimes is not null);
            var fresh = Workload.Fresh(which);
            var changed = Workload.Of(which, board.Chip).Single(x => x.Name == Workload.OneByte);
            table.Row(
                which.Chip, $"{which.Size >> 10} KiB", Seconds(Run(which, fresh, Tool.Verifying, One)), Seconds(Run(which, fresh, Tool.DfuUtil, One)), Seconds(Run(truthful, fresh, Tool.DfuUtil, One)),
                Seconds(Run(which, workload, Tool.Verifying, One)), Seconds(Run(which, changed, Tool.Verifying, One)));
        }

        return table.ToString();
    }

    private string Requests()
    {
        var table = new Table("board", "image", "Defuse: transfers", "slept ms", "dfu-util: transfers", "slept ms");
        foreach (var (which, _, workload) in Of(IsFresh))
        {
            var ours = Run(which, workload, Tool.Verifying, One)!;
            var theirs = Run(which, workload, Tool.DfuUtil, One);
            table.Row(
                which.Chip, workload.Name, Table.Number(ours.Transfers), Table.Milliseconds(ours.Slept),
                Of(theirs, x => Table.Number(x.Transfers)), Of(theirs, x => Table.Milliseconds(x.Slept)));
        }

        return table.ToString();
    }

    private string Fresh(TimeSpan transfer, double? limit)
    {
        var table = new Table("board", "image", "Defuse s", "dfu-util s", "floor s", "Defuse / dfu-util");
        foreach (var (which, board, workload) in Of(IsFresh))
        {
            var ours = Run(which, workload, Tool.Verifying, transfer)!;
            var theirs = Run(which, workload, Tool.DfuUtil, transfer);
            table.Row(
                which.Chip, workload.Name, Seconds(ours), Seconds(theirs), Table.Seconds(Floor.Of(workload, board.Chip, Tool.BlockSize(board), transfer)),
                Of(theirs, x => Table.Beside(ours.Elapsed / x.Elapsed, limit)));
            if (theirs is not null && limit is { } most)
            {
                _goals.Add(new("a fresh image at 1 ms, of dfu-util's time", which.Chip, ours.Elapsed / theirs.Elapsed, most));
            }
        }

        return table.ToString();
    }

    private string WriteOnly()
    {
        var table = new Table("board", "image", "at 1 ms: s", "floor s", "s / floor", "at 2.5 ms: s", "floor s", "s / floor");
        foreach (var (which, board, workload) in Of(IsFresh).Where(x => x.Workload.Image!.Length == x.Which.Size))
        {
            var cells = new List<string> { which.Chip, workload.Name };
            foreach (var transfer in new[] { One, TwoAndAHalf })
            {
                var ours = Run(which, workload, Tool.WriteOnly, transfer)!;
                var floor = Floor.Of(workload, board.Chip, Tool.BlockSize(board), transfer);
                cells.AddRange([Table.Seconds(ours.Elapsed), Table.Seconds(floor), Table.Beside(ours.Elapsed / floor, OfTheFloor)]);
                _goals.Add(new(transfer == One ? "without comparing and reading back, at 1 ms, of the floor" : "the same at 2.5 ms", which.Chip, ours.Elapsed / floor, OfTheFloor));
            }

            table.Row([.. cells]);
        }

        return table.ToString();
    }

    private string Unchanged()
    {
        var table = new Table("board", "image", "transfers", "data blocks", "blocks read", "blocks of the image", "s", "one read and 0.5 s", "dfu-util s");
        foreach (var (which, board, workload) in Of(x => x.Name == Workload.Unchanged))
        {
            var ours = Run(which, workload, Tool.Verifying, One)!;
            var read = Floor.OfReading(workload, Tool.BlockSize(board), One);
            table.Row(
                which.Chip, $"{which.Size >> 10} KiB", Table.Number(ours.Transfers), Table.Number(ours.Blocks), Table.Number(ours.Uploads), Table.Number((long)Math.Round(read / One)),
                Seconds(ours), Table.Seconds(read + HalfASecond), Seconds(Run(which, workload, Tool.DfuUtil, One)));
            _goals.Add(new("unchanged at 1 ms, of the time of one read and 0.5 s", which.Chip, ours.Elapsed / (read + HalfASecond), 1));
            _goals.Add(new("unchanged, data blocks sent", which.Chip, ours.Blocks, 0));
        }

        return table.ToString();
    }

    // One read is what an unchanged image takes, with all that has to be found out about the device.
    private string OneByte()
    {
        var table = new Table("board", "image", "data blocks", "blocks read", "at most", "s", "at most", "s / that", "dfu-util s");
        foreach (var (which, board, workload) in Of(x => x.Name == Workload.OneByte))
        {
            var blockSize = Tool.BlockSize(board);
            workload.Prepare(board);
            var ours = Run(which, workload, Tool.Verifying, One)!;
            var again = Run(which, new(Workload.Unchanged, workload.Image, workload.Image), Tool.Verifying, One)!;
            var blocks = again.Uploads + Floor.BlocksOfChange(workload, board.Chip, blockSize);
            var time = again.Elapsed + Floor.OfChange(workload, board.Chip, blockSize, One);
            table.Row(
                which.Chip, $"{which.Size >> 10} KiB", Table.Number(ours.Blocks), Table.Number(ours.Uploads), Table.Number(blocks),
                Seconds(ours), Table.Seconds(time), Table.Beside(ours.Elapsed / time, OfTheFloor), Seconds(Run(which, workload, Tool.DfuUtil, One)));
            _goals.Add(new("one byte changed at 1 ms, of the time of unchanged and of the sector's erase, program and read", which.Chip, ours.Elapsed / time, OfTheFloor));
            _goals.Add(new("one byte changed, blocks read of those of unchanged and of the sector", which.Chip, (double)ours.Uploads / blocks, 1));
        }

        return table.ToString();
    }

    private string OtherWork()
    {
        var table = new Table("board", "work", "Defuse: transfers", "slept ms", "s", "dfu-util: transfers", "slept ms", "s", "floor s");
        foreach (var (which, board, workload) in Of(x => !IsFresh(x) && x.Holds is null))
        {
            var ours = Run(which, workload, Tool.Verifying, One)!;
            var theirs = Run(which, workload, Tool.DfuUtil, One);
            table.Row(
                which.Chip, workload.Name, Table.Number(ours.Transfers), Table.Milliseconds(ours.Slept), Seconds(ours),
                Of(theirs, x => Table.Number(x.Transfers)), Of(theirs, x => Table.Milliseconds(x.Slept)), Seconds(theirs), Table.Seconds(Floor.Of(workload, board.Chip, Tool.BlockSize(board), One)));
            if (workload.EraseChip && which.Name.Contains("l476", StringComparison.Ordinal) && Run(which, Workload.Fresh(which), Tool.DfuUtil, One) is { } bySectors)
            {
                _goals.Add(new("`--erase chip` at 1 ms, of dfu-util's time sector by sector", which.Chip, ours.Elapsed / bySectors.Elapsed, EraseChip));
            }
        }

        return table.ToString();
    }

    private string ManyBoards()
    {
        var table = new Table("board", "boards", "one bus: s", "times one board", "all transfers: s", "s / that", "the bus rests: s", "one board's erases: s", "s / transfers and erases");
        foreach (var which in BenchBoard.All.Where(x => x.PollTimes is null))
        {
            var single = VirtualRun.Many(which, 1, One).Elapsed;
            foreach (var count in new[] { 1, 4, 16 })
            {
                var (together, busy, quiet) = VirtualRun.Many(which, count, One);
                table.Row(
                    which.Chip, Table.Number(count), Table.Seconds(together), Table.Ratio(together / single), Table.Seconds(busy), Table.Beside(together / busy, count == 16 ? OfTheBus : null),
                    Table.Seconds(together - busy), Table.Seconds(quiet), Table.Ratio(together / (busy + quiet)));
                if (count == 16)
                {
                    _goals.Add(new("16 boards on one bus, of the time of all transfers", which.Chip, together / busy, OfTheBus));
                }
            }
        }

        return table.ToString();
    }

    private Measurement? Run(BenchBoard which, Workload workload, Tool tool, TimeSpan transfer)
    {
        var key = (which, workload.Name, tool, transfer);
        if (!_runs.TryGetValue(key, out var measured))
        {
            _runs[key] = measured = VirtualRun.Of(which, workload, tool, transfer);
        }

        return measured;
    }
}
