using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Waits until a board that was asked is there in DFU mode, or until it is known that it will not be.</summary>
internal sealed class DfuArrivals
{
    private const int RomSerialDigits = 12;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    // From being asked to leaving: programs first say that they go.
    private static readonly TimeSpan LeaveTimeout = TimeSpan.FromSeconds(4);

    // Longer than any board takes to enumerate, with a slow host's driver installation to spare.
    private static readonly TimeSpan ReturnTimeout = TimeSpan.FromSeconds(15);

    // The adapter in front of a board stays, so nothing tells that the board left.
    private static readonly TimeSpan BehindAdapterTimeout = TimeSpan.FromSeconds(8);

    // Some show their program once more before they reset into the bootloader.
    private static readonly TimeSpan OtherTimeout = TimeSpan.FromSeconds(2);

    // Another port is believed only when the own one, and a second board, had time to show; that of a board with USB of its own only by the serial number.
    private static readonly TimeSpan ElsewhereTimeout = TimeSpan.FromSeconds(1);

    // udev and Windows take a moment until a new device can be opened.
    private static readonly TimeSpan AccessTimeout = TimeSpan.FromSeconds(3);

    private readonly IUsbHost _usb;
    private readonly TimeProvider _time;
    private readonly RunningBoard _board;
    private readonly HashSet<(string, byte?)> _known;

    private DfuArrivals(IUsbHost usb, TimeProvider time, RunningBoard board, IEnumerable<UsbDeviceInfo> known)
    {
        _usb = usb;
        _time = time;
        _board = board;
        _known = [.. known.Where(DfuTarget.IsDfu).Select(Key)];
    }

    /// <summary>Remembers what is in DFU mode before the board is asked.</summary>
    public static async ValueTask<DfuArrivals> BeginAsync(IUsbHost usb, TimeProvider time, RunningBoard board, CancellationToken cancellationToken) =>
        new(usb, time, board, await usb.ListAsync(cancellationToken).ConfigureAwait(false));

    public async ValueTask<DfuArrival> WaitAsync(CancellationToken cancellationToken)
    {
        var leaving = new Deadline(_time, LeaveTimeout);
        var returning = new Deadline(_time, _board.IsOwnUsb ? ReturnTimeout : BehindAdapterTimeout);
        Deadline? other = null;
        Deadline? elsewhere = null;
        var hasLeft = false;
        while (true)
        {
            if (await ListAsync(cancellationToken).ConfigureAwait(false) is not { } devices)
            {
                if (returning.IsOver)
                {
                    return new DfuArrival(hasLeft ? DfuArrivalKind.Gone : DfuArrivalKind.Stayed);
                }

                await Task.Delay(Interval, _time, cancellationToken).ConfigureAwait(false);
                continue;
            }

            var own = devices.FirstOrDefault(x => string.Equals(x.Location, _board.Device?.Location, StringComparison.Ordinal));
            if (own is not null && DfuTarget.IsDfu(own))
            {
                return new DfuArrival(DfuArrivalKind.Arrived, await OpenableAsync(own, cancellationToken).ConfigureAwait(false));
            }

            hasLeft |= _board.Device is { } before && (own is null || own.DeviceAddress != before.DeviceAddress);
            var found = hasLeft || !_board.IsOwnUsb ? devices.Where(x => DfuTarget.IsDfu(x) && !_known.Contains(Key(x)) && MayBe(x)).ToList() : [];
            var taken = found.Where(IsSameSerial).ToList() is [var same] ? [same] : _board.IsOwnUsb ? [] : found;
            elsewhere = taken.Count == 0 ? null : elsewhere ?? new Deadline(_time, ElsewhereTimeout);
            if (elsewhere is { IsOver: true })
            {
                return taken is [var board]
                    ? new DfuArrival(DfuArrivalKind.Arrived, await OpenableAsync(board, cancellationToken).ConfigureAwait(false))
                    : new DfuArrival(DfuArrivalKind.Ambiguous);
            }

            other = hasLeft && own is not null ? other ?? new Deadline(_time, OtherTimeout) : null;
            if (taken.Count == 0 && other is { IsOver: true })
            {
                return new DfuArrival(DfuArrivalKind.CameBackAsOther, own);
            }

            if (taken.Count == 0 && (hasLeft || !_board.IsOwnUsb ? returning : leaving).IsOver)
            {
                return found switch
                {
                    [] => new DfuArrival(hasLeft ? DfuArrivalKind.Gone : DfuArrivalKind.Stayed),
                    [var unproven] => new DfuArrival(DfuArrivalKind.Unproven, unproven),
                    _ => new DfuArrival(DfuArrivalKind.Ambiguous),
                };
            }

            await Task.Delay(Interval, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    private static (string Location, byte? Address) Key(UsbDeviceInfo device) => (device.Location, device.DeviceAddress);

    // The operating system may be asked while it takes a device away: null then, which does not say whose.
    private async ValueTask<IReadOnlyList<UsbDeviceInfo>?> ListAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _usb.ListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e) when (e.Failure is TransportFailure.Disconnected or TransportFailure.Fault)
        {
            return null;
        }
    }

    private async ValueTask<UsbDeviceInfo> OpenableAsync(UsbDeviceInfo device, CancellationToken cancellationToken)
    {
        var deadline = new Deadline(_time, AccessTimeout);
        while (device.Problem is not null && !deadline.IsOver)
        {
            await Task.Delay(Interval, _time, cancellationToken).ConfigureAwait(false);
            var devices = await ListAsync(cancellationToken).ConfigureAwait(false);
            device = devices?.FirstOrDefault(x => string.Equals(x.Location, device.Location, StringComparison.Ordinal) && DfuTarget.IsDfu(x)) ?? device;
        }

        return device;
    }

    // ST's own code for programs has the ROM's formula. A serial number of another length is made in another way and says nothing.
    private bool MayBe(UsbDeviceInfo device) => !AreComparable(device) || IsSameSerial(device);

    private bool IsSameSerial(UsbDeviceInfo device) =>
        _board.Device?.SerialNumber is { } serial && string.Equals(serial, DfuDevice.SerialNumberOf(device), StringComparison.OrdinalIgnoreCase);

    private bool AreComparable(UsbDeviceInfo device) =>
        _board.IsOwnUsb && IsRomSerial(_board.Device?.SerialNumber) && IsRomSerial(DfuDevice.SerialNumberOf(device));

    private static bool IsRomSerial(string? serial) => serial?.Length == RomSerialDigits && serial.All(char.IsAsciiHexDigit);
}
