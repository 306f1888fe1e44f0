using System.Collections.Immutable;
using Defuse.Simulator;

namespace Defuse.Bench.Performance;

/// <summary>The tables in virtual time, which are the same on every machine.</summary>
internal static class ExactTables
{
    private const double AtOneMillisecond = 1.05;
    private const double OfTheFloor = 1.05;
    private static readonly TimeSpan One = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan[] TransferTimes = [One, TimeSpan.FromMilliseconds(2.5)];

    public static ImmutableArray<(string Name, string Content)> Make() =>
    [
        ("fresh", Fresh()),
        ("write only", WriteOnly()),
        ("workloads", Workloads()),
        ("many boards", ManyBoards()),
    ];

    private static string Fresh()
    {
        var table = new Table(
            "board", "image", "Defuse: transfers", "slept ms", "dfu-util: transfers", "slept ms", "at 1 ms: Defuse s", "dfu-util s", "floor s", "Defuse / dfu-util",
            "at 2.5 ms: Defuse s", "dfu-util s", "floor s", "Defuse / dfu-util");
        foreach (var which in BenchBoard.All)
        {
            using var board = which.Create(0, VirtualClock.Stepped());
            foreach (var workload in Workload.Of(which, board.Chip).Where(x => x is { Image: not null, Holds: null, EraseChip: false, IsFull: true }))
            {
                var ours = TransferTimes.Select(x => VirtualRun.Of(which, workload, Tool.Verifying, x)!).ToList();
                var theirs = TransferTimes.Select(x => VirtualRun.Of(which, workload, Tool.DfuUtil, x)).ToList();
                var floor = TransferTimes.Select(x => Floor.Of(workload, board.Chip, Tool.BlockSize(board), x)).ToList();
                table.Row(
                    which.Chip, workload.Name, Table.Number(ours[0].Transfers), Table.Milliseconds(ours[0].Slept), Of(theirs[0], x => Table.Number(x.Transfers)), Of(theirs[0], x => Table.Milliseconds(x.Slept)),
                    Table.Seconds(ours[0].Elapsed), Of(theirs[0], x => Table.Seconds(x.Elapsed)), Table.Seconds(floor[0]), Of(theirs[0], x => Table.Beside(ours[0].Elapsed / x.Elapsed, AtOneMillisecond)),
                    Table.Seconds(ours[1].Elapsed), Of(theirs[1], x => Table.Seconds(x.Elapsed)), Table.Seconds(floor[1]), Of(theirs[1], x => Table.Ratio(ours[1].Elapsed / x.Elapsed)));
            }
        }

        return table.ToString();
    }

    private static string WriteOnly()
    {
        var table = new Table("board", "image", "transfers", "slept ms", "at 1 ms: s", "floor s", "s / floor", "at 2.5 ms: s", "floor s", "s / floor");
        foreach (var which in BenchBoard.All)
        {
            using var board = which.Create(0, VirtualClock.Stepped());
            var workload = Workload.Fresh(which);
            var ours = TransferTimes.Select(x => VirtualRun.Of(which, workload, Tool.WriteOnly, x)!).ToList();
            var floor = TransferTimes.Select(x => Floor.Of(workload, board.Chip, Tool.BlockSize(board), x)).ToList();
            table.Row(
                which.Chip, workload.Name, Table.Number(ours[0].Transfers), Table.Milliseconds(ours[0].Slept),
                Table.Seconds(ours[0].Elapsed), Table.Seconds(floor[0]), Table.Beside(ours[0].Elapsed / floor[0], OfTheFloor),
                Table.Seconds(ours[1].Elapsed), Table.Seconds(floor[1]), Table.Beside(ours[1].Elapsed / floor[1], OfTheFloor));
        }

        return table.ToString();
    }

    private static string Workloads()
    {
        var table = new Table(
            "board", "workload", "Defuse: transfers", "blocks written", "blocks read", "slept ms", "s", "dfu-util: transfers", "slept ms", "s", "floor s", "Defuse / dfu-util", "Defuse / floor");
        foreach (var which in BenchBoard.All)
        {
            using var board = which.Create(0, VirtualClock.Stepped());
            foreach (var workload in Workload.Of(which, board.Chip).Where(x => x is not { Image: not null, Holds: null, EraseChip: false, IsFull: true }))
            {
                var ours = VirtualRun.Of(which, workload, Tool.Verifying, One)!;
                var theirs = VirtualRun.Of(which, workload, Tool.DfuUtil, One);
                var floor = Floor.Of(workload, board.Chip, Tool.BlockSize(board), One);
                table.Row(
                    which.Chip, workload.Name, Table.Number(ours.Transfers), Table.Number(ours.Blocks), Table.Number(ours.Uploads), Table.Milliseconds(ours.Slept), Table.Seconds(ours.Elapsed),
                    Of(theirs, x => Table.Number(x.Transfers)), Of(theirs, x => Table.Milliseconds(x.Slept)), Of(theirs, x => Table.Seconds(x.Elapsed)),
                    Table.Seconds(floor), Of(theirs, x => Table.Ratio(ours.Elapsed / x.Elapsed)), Table.Ratio(ours.Elapsed / floor));
            }
        }

        return table.ToString();
    }

    private static string ManyBoards()
    {
        var table = new Table("board", "boards", "a bus each: s", "times one board", "one bus: s", "times one board", "its transfers: s", "s / that", "with the erases of one board: s", "s / that");
        foreach (var which in BenchBoard.All.Where(x => x.PollTimes is null))
        {
            var single = VirtualRun.Many(which, 1, shared: true, One).Elapsed;
            foreach (var count in new[] { 1, 4, 16 })
            {
                var apart = VirtualRun.Many(which, count, shared: false, One).Elapsed;
                var (together, busy, quiet) = VirtualRun.Many(which, count, shared: true, One);
                table.Row(
                    which.Chip, Table.Number(count), Table.Seconds(apart), Table.Beside(apart / single, count == 16 ? 1.3 : null), Table.Seconds(together), Table.Ratio(together / single),
                    Table.Seconds(busy), Table.Beside(together / busy, count == 16 ? 1.1 : null), Table.Seconds(busy + quiet), Table.Ratio(together / (busy + quiet)));
            }
        }

        return table.ToString();
    }

    private static string Of(Measurement? measured, Func<Measurement, string> text) => measured is null ? "fails" : text(measured);
}
