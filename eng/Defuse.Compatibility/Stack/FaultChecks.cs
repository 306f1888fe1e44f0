using System.Collections.Immutable;
using Defuse.Connections;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Compatibility.Stack;

/// <summary>What goes wrong, played through the kernel: the report says nothing that is not so, and the same again finishes.</summary>
internal static class FaultChecks
{
    private static readonly ImmutableArray<string> Boards = ["nucleo-f767zi", "stm32l476g-disco"];

    private static readonly ImmutableArray<string> Scripts =
    [
        "unplug@write:2500", "unplug@erase", "unplug@verify:1000", "unplug@compare:1000", "reset@write:2500", "reset@erase", "serial@write:2500",
        "stall@write:2048", "stall@erase", "stall@status:6", "stall@verify:1024", "refuse@write:2048", "refuse@erase", "late@write:2048=100ms", "busy@erase=300ms",
    ];

    public static async Task RunAsync(Checks checks)
    {
        // It waits for a minute and a half: meanwhile the others, on other ports.
        var elsewhere = checks.RunAsync("a board that comes back at another port is found there", ReturnElsewhereAsync);
        var number = 0;
        foreach (var board in Boards)
        {
            await checks.RunAsync(
                $"{board}: {Scripts.Length} fault scripts, and the report tells the truth",
                async () =>
                {
                    foreach (var script in Scripts)
                    {
                        await PlayAsync(board, script, number, "", static _ => Task.CompletedTask).ConfigureAwait(false);
                    }
                }).ConfigureAwait(false);
            number++;
        }

        await checks.RunAsync(
            "a cable that is pulled in mid-write, and the report tells the truth",
            async () =>
            {
                for (var bytes = 1; bytes < 5000; bytes += 1200)
                {
                    var most = bytes;
                    await PlayAsync("nucleo-f767zi", "", 0, $"pulled after {bytes} bytes", stand => PullAsync(stand, most)).ConfigureAwait(false);
                }
            }).ConfigureAwait(false);
        await elsewhere.ConfigureAwait(false);
    }

    /// <summary>Flashes a board with a fault, compares the report with the chip, and flashes again.</summary>
    private static async Task PlayAsync(string board, string script, int number, string what, Func<Stand, Task> meanwhile)
    {
        var folder = Directory.CreateTempSubdirectory("stack");
        var row = Rows.Of(board);
        var stand = new Stand(script.Length == 0 ? row : row with { Options = row.Options.Add("fault", script) }, script.Length == 0 ? 0.02 : 0, folder.FullName, number);
        await using (stand.ConfigureAwait(false))
        {
            await stand.PrepareAsync().ConfigureAwait(false);
            var name = $"{script}{what}";
            var report = await FlashAsync(stand, meanwhile).ConfigureAwait(false);
            Checks.That(report is null || stand.UntruthOf(report) is null, $"{name}: {(report is null ? "" : stand.UntruthOf(report))}");
            Checks.That(report is not { IsSuccess: true } || stand.HoldsImage(), $"{name}: it says that it succeeded, and the chip holds something else");
            Checks.That(script.Length == 0 ? report is { IsSuccess: false } : stand.Board.FaultsHappened > 0, $"{name}: the fault did not happen ({report?.Outcome})");
            Checks.Note($"{board} {name}: {(report is null ? "not opened" : $"{report.Outcome}{(report.Error is { } e ? $", {e.Message}" : "")}")}");

            await stand.Vhci.DetachAsync().ConfigureAwait(false);
            var again = await FlashAsync(stand, static _ => Task.CompletedTask).ConfigureAwait(false);
            Checks.That(again is { IsSuccess: true } && Holds(stand), $"{name}: the same again did not finish it: {again?.Error?.Message}");
        }

        folder.Delete(recursive: true);
    }

    private static bool Holds(Stand stand)
    {
        var found = new byte[stand.Image.Length];
        stand.Board.Chip.ReadFlash(stand.Address, found);
        return found.AsSpan().SequenceEqual(stand.Image);
    }

    /// <summary>Null if it could not be opened.</summary>
    private static async Task<FlashReport?> FlashAsync(Stand stand, Func<Stand, Task> meanwhile)
    {
        try
        {
            var target = await StackProgram.OpenAsync(await stand.Vhci.AttachAsync().ConfigureAwait(false)).ConfigureAwait(false);
            await using (target.ConfigureAwait(false))
            {
                var event1 = meanwhile(stand);
                var report = await new Programmer(target).FlashAsync(
                    FirmwareImage.FromBytes(stand.Address, stand.Image), FlashOptions.Default with { Start = false }, null, StackProgram.Never).ConfigureAwait(false);
                await event1.ConfigureAwait(false);
                return report;
            }
        }
        catch (ConnectionException)
        {
            return null;
        }
    }

    private static async Task PullAsync(Stand stand, int bytes)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (stand.Board.Chip.ProgrammedBytes < bytes && TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(60))
        {
            await Task.Delay(1).ConfigureAwait(false);
        }

        await stand.Vhci.DetachAsync().ConfigureAwait(false);
    }

    /// <summary>Unprotecting resets the chip. If somebody plugs it in elsewhere meanwhile, that is said; there it is as it was left.</summary>
    private static async Task ReturnElsewhereAsync()
    {
        var folder = Directory.CreateTempSubdirectory("stack");
        var stand = new Stand(Rows.Of("pybv11"), 0, folder.FullName, Boards.Length);
        await using (stand.ConfigureAwait(false))
        {
            await stand.PrepareAsync().ConfigureAwait(false);
            stand.Board.Chip.ReadProtectionLevel = 1;
            var elsewhere = stand.Vhci.At(40);
            using var cable = new CancellationTokenSource();
            string path;
            var target = await StackProgram.OpenAsync(path = await stand.Vhci.AttachAsync().ConfigureAwait(false)).ConfigureAwait(false);
            var returning = elsewhere.KeepPluggedInAsync(() => stand.Vhci.Path is null && stand.Board.Peripheral is { IsConnected: true }, cable.Token);
            await using (target.ConfigureAwait(false))
            {
                var report = await new Programmer(target).UnprotectAsync(null, StackProgram.Never).ConfigureAwait(false);
                Checks.Note($"unprotect: {report.Outcome}{(report.Error is { } e ? $", {e.Message}" : "")}");
                Checks.That(!report.IsSuccess, "it says that it found it again");
            }

            await cable.CancelAsync().ConfigureAwait(false);
            await returning.ConfigureAwait(false);
            Checks.That(elsewhere.Path is { } found && found != path, $"it is at {elsewhere.Path}");
            var serial = stand.Board.SerialNumber;
            var again = await StackProgram.Catalog().OpenAsync(ConnectionAddress.Parse($"dfu:serial={serial}"), StackProgram.Never).ConfigureAwait(false);
            await using (again.ConfigureAwait(false))
            {
                var report = await new Programmer(again).FlashAsync(
                    FirmwareImage.FromBytes(stand.Address, stand.Image), FlashOptions.Default with { Start = false }, null, StackProgram.Never).ConfigureAwait(false);
                Checks.That(report.IsSuccess && Holds(stand), $"it was not flashed there: {report.Error?.Message}");
            }

            await elsewhere.DetachAsync().ConfigureAwait(false);
        }

        folder.Delete(recursive: true);
    }
}
