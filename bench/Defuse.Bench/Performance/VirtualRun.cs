using Defuse.Simulator;
using Defuse.Transports;

namespace Defuse.Bench.Performance;

/// <summary>Runs in virtual time: what comes of them depends on no machine.</summary>
internal static class VirtualRun
{
    /// <summary>One board by one tool.</summary>
    /// <returns>Null if the tool failed.</returns>
    public static Measurement? Of(BenchBoard which, Workload workload, Tool tool, TimeSpan transfer) => EventLoop.Run(async loop =>
    {
        var bus = new Bus(loop, transfer);
        return await OneAsync(which, 0, workload, tool, loop, bus).ConfigureAwait(false);
    });

    /// <summary>What one board by one tool was asked, and what came of it.</summary>
    public static (IReadOnlyList<Request> Requests, Measurement? Measured) Requests(BenchBoard which, Workload workload, Tool tool, TimeSpan transfer)
    {
        var requests = new List<Request>();
        return (requests, EventLoop.Run(loop => OneAsync(which, 0, workload, tool, loop, new Bus(loop, transfer), requests)));
    }

    /// <summary>Several boards side by side, on one bus.</summary>
    /// <param name="which">Which kind.</param>
    /// <param name="count">How many.</param>
    /// <param name="transfer">What a transfer takes.</param>
    /// <returns>How long all took, how long the bus was in use, and how long one board erases.</returns>
    public static (TimeSpan Elapsed, TimeSpan Busy, TimeSpan Quiet) Many(BenchBoard which, int count, TimeSpan transfer) => EventLoop.Run(async loop =>
    {
        var bus = new Bus(loop, transfer);
        var boards = Enumerable.Range(0, count).Select(x => OneAsync(which, x, Workload.Fresh(which), Tool.Verifying, loop, bus));
        await Task.WhenAll(boards).ConfigureAwait(false);
        using var one = which.Create(count, new BoardClock(loop, bus));
        var quiet = one.Chip.Sectors.Where(x => x.Address - one.Chip.FlashAddress < which.Size).Aggregate(TimeSpan.Zero, (x, y) => x + one.Chip.EraseTimeAt(y.Address));
        return (loop.Now, bus.Transfers * transfer, quiet);
    });

    private static async Task<Measurement?> OneAsync(BenchBoard which, int instance, Workload workload, Tool tool, EventLoop loop, Bus bus, List<Request>? requests = null)
    {
        using var board = which.Create(instance, new BoardClock(loop, bus));
        workload.Prepare(board);
        var meter = new Meter(board, bus) { Requests = requests };
        try
        {
            await tool.RunAsync(workload, board, new UsbPeripheralHost([meter]), board.Location).ConfigureAwait(false);
        }
        catch (DefuseException) when (tool == Tool.DfuUtil)
        {
            return null;
        }

        workload.Check(board);
        return meter.Measured;
    }
}
