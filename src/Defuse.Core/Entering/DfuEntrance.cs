using System.Collections.Immutable;
using Defuse.Devices;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Takes boards from their program to DFU mode: asks the program in the way that it understands, and finds the board again.</summary>
/// <remarks>Nothing is sent to a port that is not the board's. docs/entering-dfu.md has what is sent.</remarks>
public sealed class DfuEntrance
{
    private const string ByHand = "start its bootloader by hand: BOOT0 high, then press reset or plug it in again";

    private static readonly TimeSpan PortTimeout = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PortInterval = TimeSpan.FromMilliseconds(100);

    private readonly IUsbHost _usb;
    private readonly ISerialHost _serial;
    private readonly UsbIdDatabase _ids;
    private readonly TimeProvider _time;

    /// <param name="usb">Where the boards are plugged in.</param>
    /// <param name="serial">Where their serial ports are.</param>
    /// <param name="ids">The devices that are known.</param>
    /// <param name="time">The clock that coming and going is waited for on.</param>
    public DfuEntrance(IUsbHost usb, ISerialHost serial, UsbIdDatabase ids, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(usb);
        ArgumentNullException.ThrowIfNull(serial);
        ArgumentNullException.ThrowIfNull(ids);
        ArgumentNullException.ThrowIfNull(time);
        _usb = usb;
        _serial = serial;
        _ids = ids;
        _time = time;
    }

    /// <summary>The boards that are there and run a program that is known, or that offers DFU.</summary>
    /// <exception cref="TransportException">The host cannot be asked.</exception>
    public async ValueTask<ImmutableArray<RunningBoard>> FindAsync(CancellationToken cancellationToken) => RunningBoards.Find(
        await _usb.ListAsync(cancellationToken).ConfigureAwait(false), await _serial.ListAsync(cancellationToken).ConfigureAwait(false), _ids);

    /// <summary>What runs at a USB port.</summary>
    /// <param name="location">The device's <see cref="UsbDeviceInfo.Location"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Null if nothing is plugged in there, or what is there is in DFU mode.</returns>
    /// <exception cref="TransportException">The host cannot be asked.</exception>
    public async ValueTask<RunningBoard?> FindAtAsync(string location, CancellationToken cancellationToken)
    {
        var devices = await _usb.ListAsync(cancellationToken).ConfigureAwait(false);
        return devices.FirstOrDefault(x => string.Equals(x.Location, location, StringComparison.Ordinal)) is { } device && !DfuTarget.IsDfu(device)
            ? RunningBoards.Of(device, await _serial.ListAsync(cancellationToken).ConfigureAwait(false), _ids)
            : null;
    }

    /// <summary>What is behind a serial port.</summary>
    /// <param name="port">Its <see cref="SerialPortInfo.Name"/>.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Null if there is no such port.</returns>
    /// <exception cref="TransportException">The host cannot be asked.</exception>
    public async ValueTask<RunningBoard?> FindBehindAsync(string port, CancellationToken cancellationToken) =>
        await _serial.FindAsync(port, cancellationToken).ConfigureAwait(false) is { } found
            ? RunningBoards.Of(found, await _usb.ListAsync(cancellationToken).ConfigureAwait(false), _ids)
            : null;

    /// <summary>Takes a board to DFU mode.</summary>
    /// <param name="board">The board.</param>
    /// <param name="options">How.</param>
    /// <param name="progress">Takes what happens, in order; called on the flow that does the work.</param>
    /// <param name="cancellationToken">Stops waiting; a program that was asked may enter DFU mode all the same.</param>
    /// <exception cref="EntryException">It did not get there; what was tried is in it.</exception>
    /// <exception cref="TransportException">The host cannot be asked.</exception>
    public async ValueTask<DfuEntry> EnterAsync(
        RunningBoard board, EntryOptions options, IProgress<EntryEvent>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(board);
        ArgumentNullException.ThrowIfNull(options);
        var started = _time.GetTimestamp();
        var attempts = ImmutableArray.CreateBuilder<EntryAttempt>();
        foreach (var way in options.Way is { } only ? [only] : board.Ways)
        {
            var arrivals = await DfuArrivals.BeginAsync(_usb, _time, board, cancellationToken).ConfigureAwait(false);
            var (answer, port, held) = await AskAsync(board, way, options, progress, cancellationToken).ConfigureAwait(false);
            await using var closing = (held ?? NoDevice.Instance).ConfigureAwait(false);
            if (!answer.WasAsked)
            {
                Decline(answer.Reason);
                if (answer.Remedy is not null)
                {
                    throw NotEntered(board, attempts.ToImmutable(), answer.Remedy);
                }

                if (await FindAgainAsync(board, cancellationToken).ConfigureAwait(false) is not { } there)
                {
                    throw new EntryException(
                        board, attempts.ToImmutable(), $"{board.Title} left while it was asked for DFU mode: {answer.Reason}", "plug it in again, and run the same command again");
                }

                board = there;
                continue;
            }

            progress?.Report(new EntryEvent(EntryStep.Waiting, way, $"waiting for {board.Name} to come back in DFU mode") { Port = port });
            var (kind, device) = await arrivals.WaitAsync(cancellationToken).ConfigureAwait(false);
            switch (kind)
            {
                case DfuArrivalKind.Arrived:
                    progress?.Report(new EntryEvent(EntryStep.Entered, way, $"{Entered(board)} is in DFU mode at USB port {device!.Location}") { Port = port });
                    return new DfuEntry(device!, way, _time.GetElapsedTime(started));
                case DfuArrivalKind.Gone:
                    throw new EntryException(
                        board,
                        attempts.ToImmutable(),
                        $"{board.Title} left for its bootloader and did not come back in DFU mode",
                        $"plug it in again, and run the same command again; if that ends in the same way, {ByHand}")
                    { IsByHand = true };
                case DfuArrivalKind.Ambiguous:
                    throw new EntryException(
                        board,
                        attempts.ToImmutable(),
                        $"{board.Title} left for its bootloader, and several boards in DFU mode came, none of them on its USB port",
                        "name the one that is meant with --device; defuse list shows them");
                case DfuArrivalKind.Unproven:
                    throw new EntryException(
                        board,
                        attempts.ToImmutable(),
                        $"{board.Title} left for its bootloader and did not come back on its USB port; a board in DFU mode came at {device!.Location}, and nothing shows that it is the same one",
                        "if it is, name it with --device; defuse list shows it");
                case DfuArrivalKind.CameBackAsOther:
                    Decline(answer.IsRestarting && IsSame(board, device!) ? answer.Reason : CameBack(board, device!));
                    if (!IsSame(board, device!))
                    {
                        // What the board understood, this one may take for something else.
                        throw NotEntered(board, attempts.ToImmutable(), ByHand);
                    }

                    board = await ReturnedAsync(board, device!, cancellationToken).ConfigureAwait(false);
                    break;
                default:
                    Decline(answer.Reason);
                    break;
            }

            void Decline(string reason)
            {
                attempts.Add(new EntryAttempt(way, port, reason));
                progress?.Report(new EntryEvent(EntryStep.Declined, way, reason) { Port = port });
            }
        }

        throw NotEntered(board, attempts.ToImmutable(), ByHand);
    }

    /// <summary>A place on these hosts.</summary>
    internal BoardPlace PlaceAt(string location, byte? deviceAddress) => new(_usb, _serial, location, deviceAddress, _time);

    // What is in front of a board, an adapter, does not run on it.
    private static string Entered(RunningBoard board) =>
        board is { IsOwnUsb: false, Ports: [var port, ..] } ? $"the board behind {port.Name}" : $"the board that ran {board.Name}";

    private static string CameBack(RunningBoard board, UsbDeviceInfo device) => device switch
    {
        { Problem.Failure: AccessFailure.EnumerationFailed } => "it left, and came back as a device that the system cannot read",
        _ when IsSame(board, device) => "it restarted, and runs its program again",
        _ => $"it came back as {device.Product ?? "another device"} ({device.VendorId:x4}:{device.ProductId:x4}), not in DFU mode",
    };

    private static bool IsSame(RunningBoard board, UsbDeviceInfo device) =>
        (device.VendorId, device.ProductId) == (board.Device?.VendorId, board.Device?.ProductId)
        && string.Equals(device.SerialNumber, board.Device?.SerialNumber, StringComparison.Ordinal);

    private static EntryException NotEntered(RunningBoard board, ImmutableArray<EntryAttempt> attempts, string remedy)
    {
        if (attempts.IsEmpty)
        {
            return new EntryException(
                board,
                attempts,
                board.Program is { Kind: not ProgramKind.Serial } program
                    ? $"{board.Title} cannot be asked for DFU mode: no way is known for {program.Name}"
                    : $"what {board.Title} would understand is not known, so it was sent nothing",
                $"{ByHand}; or, if you know what it understands, name that: defuse enter-dfu --device ADDRESS --way WAY")
            { IsByHand = true };
        }

        var reasons = attempts.Select(x => x.Reason).Distinct(StringComparer.Ordinal);
        return new EntryException(board, attempts, $"{board.Title} did not enter DFU mode: {string.Join("; ", reasons)}", remedy) { IsByHand = remedy == ByHand };
    }

    // The device is held open until the board is back: a simulated board goes with its last device.
    private async ValueTask<(EntryAnswer Answer, string? Port, IAsyncDisposable? Held)> AskAsync(
        RunningBoard board, EntryWay way, EntryOptions options, IProgress<EntryEvent>? progress, CancellationToken cancellationToken)
    {
        if (way == EntryWay.DfuDetach)
        {
            progress?.Report(new EntryEvent(EntryStep.Asking, way, $"asking {board.Name} at USB port {board.Device?.Location} for DFU mode (DFU_DETACH)"));
            var (answer, device) = await DetachAsync(board, cancellationToken).ConfigureAwait(false);
            return (answer, null, device);
        }

        if (board.Ports.IsEmpty)
        {
            return (EntryAnswer.Declined("it shows no serial port here, through which it could be asked"), null, null);
        }

        // Programs with several ports have what is asked on the first, some on the second one.
        var last = default((EntryAnswer Answer, string? Port, IAsyncDisposable? Held));
        foreach (var port in board.Ports)
        {
            var entry = EntryOf(way, options);
            progress?.Report(new EntryEvent(EntryStep.Asking, way, Asking(board, way, port)) { Port = port.Name });
            last = (await AskAsync(entry, port, cancellationToken).ConfigureAwait(false), port.Name, null);
            if (last.Answer.WasAsked || last.Answer.Remedy is not null)
            {
                break;
            }
        }

        return last;
    }

    private async ValueTask<EntryAnswer> AskAsync(IPortEntry entry, SerialPortInfo info, CancellationToken cancellationToken)
    {
        try
        {
            var port = await _serial.OpenAsync(info.Name, entry.Settings, cancellationToken).ConfigureAwait(false);
            await using var closing = port.ConfigureAwait(false);

            // Names are given anew when boards come and go.
            if (port.Info.UsbLocation is { } place && !string.Equals(place, info.UsbLocation, StringComparison.Ordinal))
            {
                return EntryAnswer.Declined($"{info.Name} is another device's port now");
            }

            return await entry.AskAsync(port, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException e)
        {
            return EntryAnswer.Declined($"{info.Name}: {e.Message}{(e.Remedy is { } remedy ? $" ({remedy})" : "")}");
        }
    }

    private async ValueTask<(EntryAnswer Answer, IUsbDevice? Device)> DetachAsync(RunningBoard board, CancellationToken cancellationToken)
    {
        if (board.Device is not { } info)
        {
            return (EntryAnswer.Declined("its USB device is not known"), null);
        }

        IUsbDevice? device = null;
        try
        {
            device = await _usb.OpenAsync(info.Location, cancellationToken).ConfigureAwait(false);
            if (await DfuTargetOpener.DetachAsync(device, cancellationToken).ConfigureAwait(false))
            {
                var asked = (EntryAnswer.Asked("it was told to detach (DFU_DETACH), and stayed"), device);
                device = null;
                return asked;
            }

            return (EntryAnswer.Declined("it offers no DFU run-time interface"), null);
        }
        catch (DefuseException e)
        {
            return (EntryAnswer.Declined(e.Message), null);
        }
        finally
        {
            if (device is not null)
            {
                await device.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<RunningBoard?> FindAgainAsync(RunningBoard board, CancellationToken cancellationToken) => board.Device is { } device
        ? await FindAtAsync(device.Location, cancellationToken).ConfigureAwait(false) is { Device: { } now } there && IsSame(board, now)
            ? board with { Device = there.Device, Ports = there.Ports }
            : null
        : await FindBehindAsync(board.Ports[0].Name, cancellationToken).ConfigureAwait(false);

    // Its port comes a moment after its USB device.
    private async ValueTask<RunningBoard> ReturnedAsync(RunningBoard left, UsbDeviceInfo device, CancellationToken cancellationToken)
    {
        for (var deadline = new Deadline(_time, PortTimeout); ; await Task.Delay(PortInterval, _time, cancellationToken).ConfigureAwait(false))
        {
            var back = RunningBoards.Of(device, await _serial.ListAsync(cancellationToken).ConfigureAwait(false), _ids);
            if (!back.Ports.IsEmpty || left.Ports.IsEmpty || deadline.IsOver)
            {
                return back;
            }
        }
    }

    private static IPortEntry EntryOf(EntryWay way, EntryOptions options) => way switch
    {
        EntryWay.Touch1200 => new TouchEntry(),
        EntryWay.MicroPythonRepl => new MicroPythonEntry(),
        EntryWay.Betaflight => new BetaflightEntry(),
        EntryWay.SerialR => new SerialREntry(),
        EntryWay.ArduPilot => new ArduPilotEntry(),
        EntryWay.ModemLines => new ModemLinesEntry(options.Wiring),
        _ => throw new ArgumentOutOfRangeException(nameof(way), way, "There is no such way through a serial port."),
    };

    private static string Asking(RunningBoard board, EntryWay way, SerialPortInfo port) => way switch
    {
        EntryWay.Touch1200 => $"opening {port.Name} of {board.Name} at 1200 baud, which asks for its bootloader",
        EntryWay.SerialR => $"sending {board.Name} at {port.Name} the byte R, which asks early ones for their bootloader",
        EntryWay.ModemLines => $"switching BOOT0 and NRST by the lines of {port.Name}",
        _ => $"asking {board.Name} at {port.Name} for its bootloader",
    };

    private sealed class NoDevice : IAsyncDisposable
    {
        public static NoDevice Instance { get; } = new();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
