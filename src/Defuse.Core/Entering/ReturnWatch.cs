using Defuse.Devices;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Looks at what comes back at a board's USB port after it was started.</summary>
internal static class ReturnWatch
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    // Systems show a device a moment before they have configured it.
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(1);

    // udev and Windows make the port after the device, and let users at it a moment later.
    private static readonly TimeSpan PortTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PrintTime = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan BannerTimeout = TimeSpan.FromSeconds(1);

    public static async ValueTask<BoardReturn> WatchAsync(BoardPlace place, UsbIdDatabase ids, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var started = place.Time.GetTimestamp();
        var deadline = new Deadline(place.Time, timeout);
        var hasLeft = false;
        Deadline? settling = null;
        while (true)
        {
            var device = await FindAsync(place, cancellationToken).ConfigureAwait(false);
            hasLeft |= device is null || device.DeviceAddress != place.DeviceAddress;
            var isSettled = device is { Interfaces.IsEmpty: false, Problem: not { Failure: AccessFailure.EnumerationFailed } };
            settling = device is null || isSettled ? null : settling ?? new Deadline(place.Time, SettleTimeout);
            var elapsed = place.Time.GetElapsedTime(started);
            if (device is not null && (isSettled || settling is { IsOver: true } || deadline.IsOver) && (!DfuTarget.IsDfu(device) || hasLeft || deadline.IsOver))
            {
                return await TellAsync(place, device, ids, elapsed, cancellationToken).ConfigureAwait(false);
            }

            if (deadline.IsOver)
            {
                return new BoardReturn { Kind = BoardReturnKind.Nothing, Elapsed = elapsed };
            }

            await Task.Delay(Interval, place.Time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async ValueTask<UsbDeviceInfo?> FindAsync(BoardPlace place, CancellationToken cancellationToken)
    {
        try
        {
            var devices = await place.Usb.ListAsync(cancellationToken).ConfigureAwait(false);
            return devices.FirstOrDefault(x => string.Equals(x.Location, place.Location, StringComparison.Ordinal));
        }
        catch (TransportException)
        {
            // The system was asked while it took the device away.
            return null;
        }
    }

    private static async ValueTask<BoardReturn> TellAsync(
        BoardPlace place, UsbDeviceInfo device, UsbIdDatabase ids, TimeSpan elapsed, CancellationToken cancellationToken)
    {
        if (DfuTarget.IsDfu(device))
        {
            return new BoardReturn { Kind = BoardReturnKind.Bootloader, Device = device, Name = device.Product, Elapsed = elapsed };
        }

        if (device.Problem is { Failure: AccessFailure.EnumerationFailed })
        {
            return new BoardReturn { Kind = BoardReturnKind.Unreadable, Device = device, Elapsed = elapsed };
        }

        var board = await WithPortAsync(place, device, ids, cancellationToken).ConfigureAwait(false);
        var port = board.Ports.FirstOrDefault();
        var (banner, problem) = port is not null && board.Program?.Kind == ProgramKind.MicroPython
            ? await BannerAsync(place, port, cancellationToken).ConfigureAwait(false)
            : default;
        return new BoardReturn
        {
            Kind = BoardReturnKind.Program,
            Device = device,
            Name = board.Name,
            Program = board.Program,
            Port = port?.Name,
            Banner = banner,
            PortProblem = problem,
            Elapsed = elapsed,
        };
    }

    private static async ValueTask<RunningBoard> WithPortAsync(BoardPlace place, UsbDeviceInfo device, UsbIdDatabase ids, CancellationToken cancellationToken)
    {
        const byte Communications = 2;
        for (var deadline = new Deadline(place.Time, PortTimeout); ; await Task.Delay(Interval, place.Time, cancellationToken).ConfigureAwait(false))
        {
            var board = RunningBoards.Of(device, await place.Serial.ListAsync(cancellationToken).ConfigureAwait(false), ids);
            if (board.Ports.Any(x => x.Problem is null) || deadline.IsOver || device.Interfaces.All(x => x.Class != Communications))
            {
                return board;
            }
        }
    }

    // A script that runs is not interrupted: what it prints is read, and Ctrl-B makes an idle prompt tell its banner again.
    private static async ValueTask<(string? Banner, string? Problem)> BannerAsync(BoardPlace place, SerialPortInfo info, CancellationToken cancellationToken)
    {
        const string FriendlyRepl = "\u0002";
        try
        {
            var port = await place.Serial.OpenAsync(info.Name, SerialSettings.Default, cancellationToken).ConfigureAwait(false);
            await using var closing = port.ConfigureAwait(false);
            var talk = new SerialConversation(port);
            await talk.ListenAsync(PrintTime, cancellationToken).ConfigureAwait(false);
            if (Banner(talk.Heard) is null)
            {
                await talk.SendAsync(FriendlyRepl, cancellationToken).ConfigureAwait(false);
                await talk.HearAsync(">>> ", BannerTimeout, cancellationToken).ConfigureAwait(false);
            }

            return (Banner(talk.Heard), null);
        }
        catch (TransportException e)
        {
            // That it is there is known without.
            return (null, e.Failure == TransportFailure.CannotOpen ? e.Message : null);
        }
    }

    private static string? Banner(string heard) => heard
        .Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .LastOrDefault(x => x.StartsWith("MicroPython v", StringComparison.Ordinal) && x.Contains(" with ", StringComparison.Ordinal));
}
