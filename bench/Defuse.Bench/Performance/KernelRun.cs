using System.Globalization;
using Defuse.Compatibility;
using Defuse.Platform;
using Defuse.Simulator;
using Defuse.Transports;
using Defuse.UsbIp;

namespace Defuse.Bench.Performance;

/// <summary>Runs in real time, through a Linux kernel's USB stack: dfu-util and Defuse, both over libusb.</summary>
internal static class KernelRun
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(4);

    /// <summary>Measures the boards that are named, or all, and writes the table.</summary>
    public static async Task<int> RunAsync(string path, string[] only)
    {
        var table = new Table(
            "board", "image", "Defuse: transfers", "slept ms", "s", "dfu-util: transfers", "as modelled", "slept ms", "s", "floor s", "ms a transfer", "Defuse / dfu-util", "unchanged: Defuse s", "--erase chip: Defuse s", "/ dfu-util");
        foreach (var which in BenchBoard.All.Where(x => only.Length == 0 || only.Contains(x.Chip)))
        {
            table.Row([.. await RowAsync(which)]);
            await File.WriteAllTextAsync(path, table.ToString());
        }

        return 0;
    }

    private static async Task<string[]> RowAsync(BenchBoard which)
    {
        using var board = which.Create(0, VirtualClock.Following(1));
        var meter = new Meter(board, null) { Requests = [] };
        await using var server = UsbIpServer.Start([meter], port: 0);
        var vhci = new Vhci(0, server.EndPoint.Port);
        var fresh = Workload.Fresh(which);
        var theirs = await ByDfuUtilAsync(vhci, board, meter, fresh);
        var asModelled = theirs is null ? "–" : Agreement(which, fresh, meter.Requests);
        var ours = await ByDefuseAsync(vhci, board, meter, fresh, which);
        var again = await ByDefuseAsync(vhci, board, meter, fresh, which: null);
        var erased = await ByDefuseAsync(vhci, board, meter, fresh with { Name = "--erase chip", EraseChip = true }, which);

        // What is left of the time when nobody sleeps and the chip does not work, most of all reading the same image again.
        var transfer = (again.Elapsed - again.Slept) / again.Transfers;
        var floor = Floor.Of(fresh, board.Chip, Tool.BlockSize(board), transfer);
        string[] row =
        [
            which.Chip, fresh.Name, Table.Number(ours.Transfers), Table.Milliseconds(ours.Slept), Table.Seconds(ours.Elapsed),
            theirs is null ? "fails" : Table.Number(theirs.Transfers), asModelled, theirs is null ? "fails" : Table.Milliseconds(theirs.Slept), theirs is null ? "fails" : Table.Seconds(theirs.Elapsed),
            Table.Seconds(floor), transfer.TotalMilliseconds.ToString("0.00", CultureInfo.InvariantCulture),
            theirs is null ? "–" : Table.Beside(ours.Elapsed / theirs.Elapsed, which.Goal),
            Table.Seconds(again.Elapsed), Table.Seconds(erased.Elapsed), theirs is null ? "–" : Table.Beside(erased.Elapsed / theirs.Elapsed, which.Name.Contains("l476", StringComparison.Ordinal) ? 0.45 : null),
        ];
        Console.WriteLine(string.Join(" | ", row));
        return row;
    }

    private static async Task<Measurement?> ByDfuUtilAsync(Vhci vhci, SimulatedBoard board, Meter meter, Workload workload)
    {
        var file = Path.GetTempFileName();
        await File.WriteAllBytesAsync(file, workload.Image!);
        var place = await vhci.AttachAsync();
        try
        {
            meter.Reset();
            var (code, output) = await Shell.RunAsync(Patience, "dfu-util", "-d", "0483:df11", "-p", place, "-a", "0", "-s", "0x08000000", "-D", file);
            if (code != 0)
            {
                Console.WriteLine(output[^Math.Min(output.Length, 300)..]);
                return null;
            }

            workload.Check(board);
            return meter.Measured;
        }
        finally
        {
            File.Delete(file);
            await vhci.DetachAsync();
        }
    }

    private static async Task<Measurement> ByDefuseAsync(Vhci vhci, SimulatedBoard board, Meter meter, Workload workload, BenchBoard? which)
    {
        which?.FillWithOldFirmware(board);
        var place = await vhci.AttachAsync();
        try
        {
            meter.Reset();
            await Tool.Verifying.RunAsync(workload, board, PlatformUsb.CreateHost(), place);
            workload.Check(board);
            return meter.Measured;
        }
        finally
        {
            await vhci.DetachAsync();
        }
    }

    // Whether the model sends what the real one was seen to send; how often it asks about an erase depends on the time.
    private static string Agreement(BenchBoard which, Workload workload, IReadOnlyList<UsbSetupPacket> seen)
    {
        var modelled = VirtualRun.Requests(which, workload, Tool.DfuUtil, TimeSpan.FromMilliseconds(1));
        return modelled.Select(Text).SequenceEqual(seen.Select(Text)) ? "yes, each"
            : Distinct(modelled).SequenceEqual(Distinct(seen)) ? "yes, but for polls"
            : string.Create(CultureInfo.InvariantCulture, $"no: {modelled.Count}");

        static (byte, ushort, ushort) Text(UsbSetupPacket x) => (x.Request, x.Value, x.Length);

        static IEnumerable<(byte, ushort, ushort)> Distinct(IEnumerable<UsbSetupPacket> requests)
        {
            (byte, ushort, ushort)? last = null;
            foreach (var request in requests.Select(Text))
            {
                if (request != last)
                {
                    yield return request;
                }

                last = request;
            }
        }
    }
}
