using System.Collections.Immutable;
using System.Globalization;
using Defuse.Connections;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Simulator;
using Defuse.UsbIp;

namespace Defuse.Compatibility.Stack;

/// <summary>A hundred boards on the bus.</summary>
internal static class CrowdChecks
{
    private const int Count = 100;
    private const int AtOnce = 8;

    public static async Task RunAsync(Checks checks)
    {
        var options = ImmutableSortedDictionary<string, string>.Empty.Add("time", "0");
        var boards = Enumerable.Range(0, Count).Select(x => SimulatedBoardCatalog.Create("nucleo-f767zi", x, options, null, VirtualClockMode.Following)).ToArray();
        var server = UsbIpServer.Start(boards, port: 0);
        await using (server.ConfigureAwait(false))
        {
            var ports = boards.Select((_, i) => new Vhci(i, server.EndPoint.Port, $"1-{(i + 1).ToString(CultureInfo.InvariantCulture)}")).ToArray();
            var paths = new string[Count];
            await checks.RunAsync(
                $"{Count} boards are plugged in at once, and all listed with their own serial numbers",
                async () =>
                {
                    await Parallel.ForAsync(0, Count, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (i, _) => paths[i] = await ports[i].AttachAsync().ConfigureAwait(false)).ConfigureAwait(false);
                    var started = TimeProvider.System.GetTimestamp();
                    var listed = (await StackProgram.Catalog().ListAsync(null, StackProgram.Never).ConfigureAwait(false)).Where(x => x.Address.Scheme == "dfu").ToList();
                    Checks.Note(string.Create(CultureInfo.InvariantCulture, $"the list took {TimeProvider.System.GetElapsedTime(started).TotalSeconds:0.00} s"));
                    Checks.That(listed.Count == Count && listed.All(x => x.Problem is null), $"{listed.Count} are listed, {listed.Count(x => x.Problem is not null)} of them blocked");
                    for (var i = 0; i < Count; i++)
                    {
                        var board = listed.FirstOrDefault(x => x.Address.ToString() == $"dfu:usb-{paths[i]}");
                        Checks.That(board?.SerialNumber == boards[i].SerialNumber, $"{paths[i]} has the serial number {board?.SerialNumber}, not {boards[i].SerialNumber}");
                    }

                    Checks.That(listed.Select(x => x.SerialNumber).Distinct(StringComparer.Ordinal).Count() == Count, "two have the same serial number");
                }).ConfigureAwait(false);
            await checks.RunAsync("the hundredth is flashed by its port", () => FlashAsync(boards[^1], $"dfu:usb-{paths[^1]}", 1)).ConfigureAwait(false);
            await checks.RunAsync("the hundredth is flashed by its serial number", () => FlashAsync(boards[^1], $"dfu:serial={boards[^1].SerialNumber}", 2)).ConfigureAwait(false);
            await checks.RunAsync("no other was touched", () =>
            {
                Checks.That(boards[..^1].All(x => x.Chip.ProgrammedBytes == 0), "another was");
                return Task.CompletedTask;
            }).ConfigureAwait(false);
            await checks.RunAsync(
                $"{AtOnce} are flashed side by side",
                () => Task.WhenAll(Enumerable.Range(0, AtOnce).Select(i => FlashAsync(boards[i], $"dfu:usb-{paths[i]}", 3)))).ConfigureAwait(false);
            await Task.WhenAll(ports.Select(x => x.DetachAsync())).ConfigureAwait(false);
        }

        foreach (var board in boards)
        {
            board.Dispose();
        }
    }

    private static async Task FlashAsync(SimulatedBoard board, string address, int seed)
    {
        var bytes = new byte[20_000];
        new Random(seed).NextBytes(bytes);
        new byte[] { 0, 0x10, 0, 0x20, 1, 1, 0, 8 }.CopyTo(bytes, 0);
        var target = await StackProgram.Catalog().OpenAsync(ConnectionAddress.Parse(address), StackProgram.Never).ConfigureAwait(false);
        await using (target.ConfigureAwait(false))
        {
            var report = await new Programmer(target).FlashAsync(
                FirmwareImage.FromBytes(board.Chip.FlashAddress, bytes), FlashOptions.Default with { Start = false }, null, StackProgram.Never).ConfigureAwait(false);
            report.EnsureSuccess();
        }

        var found = new byte[bytes.Length];
        board.Chip.ReadFlash(board.Chip.FlashAddress, found);
        Checks.That(found.AsSpan().SequenceEqual(bytes), $"{address} holds something else");
    }
}
