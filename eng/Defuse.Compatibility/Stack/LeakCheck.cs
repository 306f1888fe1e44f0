using System.Globalization;
using Defuse.Platform;
using Defuse.Transports;

namespace Defuse.Compatibility.Stack;

/// <summary>What a process has after it used a board a number of times: as much as after a part of them.</summary>
internal static class LeakCheck
{
    /// <summary>After so many nothing more is loaded or compiled.</summary>
    private const int WarmUp = 25;

    private const int MostGrowth = 16 * 1024;

    private static readonly UsbSetupPacket GetStatus = new(0xA1, 3, 0, 0, 6);

    public static async Task RunAsync(int rounds)
    {
        var folder = Directory.CreateTempSubdirectory("stack");
        var stand = new Stand(Rows.Of("nucleo-f767zi"), 0, folder.FullName, 0);
        await using (stand.ConfigureAwait(false))
        {
            var host = PlatformUsb.CreateHost();
            var counted = 0;
            using var enough = new CancellationTokenSource();
            var watching = CountAsync(host, () => counted++, enough.Token);
            var before = default(Holdings);
            for (var round = 1; round <= rounds; round++)
            {
                var path = await stand.Vhci.AttachAsync().ConfigureAwait(false);
                var device = await host.OpenAsync(path, StackProgram.Never).ConfigureAwait(false);
                await using (device.ConfigureAwait(false))
                {
                    await device.ClaimInterfaceAsync(0, StackProgram.Never).ConfigureAwait(false);
                    await device.SelectAlternateSettingAsync(0, 0, StackProgram.Never).ConfigureAwait(false);
                    await device.ControlInAsync(GetStatus, new byte[6], TimeSpan.FromSeconds(5), StackProgram.Never).ConfigureAwait(false);
                    await stand.Vhci.DetachAsync().ConfigureAwait(false);
                    try
                    {
                        await device.ControlInAsync(GetStatus, new byte[6], TimeSpan.FromSeconds(5), StackProgram.Never).ConfigureAwait(false);
                        Checks.That(false, "a device that was pulled answered");
                    }
                    catch (TransportException e)
                    {
                        Checks.That(e.Failure == TransportFailure.Disconnected, $"{e.Failure}: {e.Message}");
                    }
                }

                if (round == WarmUp || round == rounds)
                {
                    var now = await Holdings.LeastAsync().ConfigureAwait(false);
                    Checks.Note($"after {round} rounds: {now}; {counted} lists");
                    if (round == rounds)
                    {
                        Checks.That(now.Files <= before.Files + 2, $"{now.Files - before.Files} file descriptors were left open");
                        Checks.That(now.Threads <= before.Threads + 4 && now.Libusb <= before.Libusb, $"there are {now.Threads - before.Threads} more threads");
                        Checks.That(now.Kilobytes - before.Kilobytes < MostGrowth, $"it grew by {now.Kilobytes - before.Kilobytes} KiB");
                    }

                    before = now;
                }
            }

            await enough.CancelAsync().ConfigureAwait(false);
            await watching.ConfigureAwait(false);
            Checks.That(Holdings.Take().Libusb == 0, "libusb's thread still runs after the last watch");
            Checks.That(counted > 1, "the watch saw nothing");
        }

        folder.Delete(recursive: true);
    }

    private static async Task CountAsync(IUsbHost host, Action count, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in host.WatchAsync(cancellationToken).ConfigureAwait(false))
            {
                count();
            }
        }
        catch (OperationCanceledException)
        {
            // Enough was seen.
        }
    }

    private readonly record struct Holdings(int Files, int Threads, int Libusb, int Kilobytes)
    {
        /// <summary>The least of a second: the watch looks at files of its own in between.</summary>
        public static async Task<Holdings> LeastAsync()
        {
            var least = Take();
            for (var i = 0; i < 20; i++)
            {
                await Task.Delay(50).ConfigureAwait(false);
                var now = Take();
                least = new Holdings(
                    Math.Min(least.Files, now.Files), Math.Min(least.Threads, now.Threads), Math.Min(least.Libusb, now.Libusb), Math.Min(least.Kilobytes, now.Kilobytes));
            }

            return least;
        }

        public static Holdings Take()
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            var threads = Directory.GetDirectories("/proc/self/task").Select(Name).ToList();
            return new Holdings(
                Directory.GetFiles("/proc/self/fd").Length,
                threads.Count,
                threads.Count(x => x.StartsWith("libusb", StringComparison.Ordinal)),
                int.Parse(
                    File.ReadLines("/proc/self/status").First(x => x.StartsWith("VmRSS:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1],
                    CultureInfo.InvariantCulture));
        }

        public override string ToString() =>
            string.Create(CultureInfo.InvariantCulture, $"{Files} file descriptors, {Threads} threads ({Libusb} of libusb), {Kilobytes} KiB");

        private static string Name(string folder)
        {
            try
            {
                return File.ReadAllText(Path.Combine(folder, "comm"));
            }
            catch (IOException)
            {
                return "";
            }
        }
    }
}
