using Defuse.Connections;
using Defuse.Devices;
using Defuse.Gangs;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli.Tests.Gangs;

public class SixteenBoardsTests
{
    private static readonly string[] Mixed = ["nucleo-f767zi", "pybv11", "nucleo-h743zi", "nucleo-g431kb"];

    [Fact]
    public async Task Sixteen_boards_of_four_kinds_are_flashed_at_the_same_time_each_on_its_own_clock()
    {
        using var hub = await new Hub([.. Enumerable.Range(0, 16).Select(x => Mixed[x % 4])]).PlugAsync();
        var bytes = new byte[20_000];
        new Random(1).NextBytes(bytes);
        var image = FirmwareImage.FromBytes(0x08000000, bytes);
        using var together = new Barrier(16);
        var flash = BoardGang.Flashing(image, FlashOptions.Default);
        var gang = new BoardGang(
            new BoardCatalog([new DfuConnectionProvider(hub, ChipDatabase.Default)], TimeProvider.System),
            async (board, target, progress, cancellationToken) =>
            {
                // All are open before one goes on.
                await Task.Factory.StartNew(() => Assert.True(together.SignalAndWait(TimeSpan.FromSeconds(60))), cancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                return await flash(board, target, progress, cancellationToken);
            },
            TimeProvider.System);
        var report = await gang.RunAllAsync(null, null, TestContext.Current.CancellationToken);

        Assert.Equal(16, report.Records.Length);
        Assert.All(report.Records, x => Assert.Equal(FlashOutcome.Verified, x.Report?.Outcome));
        foreach (var board in hub.Boards)
        {
            var found = new byte[bytes.Length];
            board.Chip.ReadFlash(board.Chip.FlashAddress, found);
            Assert.Equal(bytes, found);
        }

        // A board's time is what its own work takes: neighbours add nothing to it.
        foreach (var kind in report.Records.GroupBy(x => x.Target!.ChipName))
        {
            Assert.Equal(4, kind.Count());
            Assert.True(kind.Max(x => x.Report!.Elapsed) < 1.2 * kind.Min(x => x.Report!.Elapsed), string.Join(", ", kind.Select(x => x.Report!.Elapsed)));
        }
    }
}
