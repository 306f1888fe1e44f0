using System.Runtime.Versioning;
using Defuse.Platform.Serial;
using Defuse.Simulator;
using Defuse.Transports;

namespace Defuse;

/// <summary>
/// Has a simulated program's serial line on a pseudo-terminal, for as long as the program is on the bus, and hides it from other
/// hosts; the bootloader they see.
/// </summary>
/// <remarks>
/// That a program opens the port asserts DTR and RTS, and that the last one closes it clears them. The port is looked at every few
/// milliseconds: one that is opened and closed in between is seen by the baud rate that it was left with, if that is another.
/// </remarks>
[SupportedOSPlatform("linux")]
internal sealed class ProgramTerminal : IUsbSocket, IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(5);
    private static readonly SerialSettings Closed = SerialSettings.Default with { DataTerminalReady = false, RequestToSend = false };

    private readonly SimulatedBoard _board;
    private readonly UsbPeripheralSerialHost _host;
    private readonly TimeProvider _time;
    private readonly IProgress<string>? _messages;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task _running;
    private volatile string? _name;

    /// <exception cref="TransportException">No pseudo-terminal is to be had.</exception>
    public ProgramTerminal(SimulatedBoard board, TimeProvider time, IProgress<string>? messages)
    {
        _board = board;
        _host = new UsbPeripheralSerialHost([board]);
        _time = time;
        _messages = messages;
        var first = board.Program is null ? null : PseudoTerminal.Create();
        _name = first?.Name;
        _running = RunAsync(first);
    }

    /// <summary>The serial port's path; null while the program is not there.</summary>
    public string? Name => _name;

    public string Location => _board.Location;

    public IUsbPeripheral? Peripheral => _board.Peripheral is { } peripheral && peripheral != _board.Program ? peripheral : null;

    public async ValueTask<IUsbPeripheral> AttachAsync(CancellationToken cancellationToken)
    {
        var peripheral = await _board.AttachAsync(cancellationToken).ConfigureAwait(false);
        return peripheral != _board.Program
            ? peripheral
            : throw new TransportException(TransportFailure.Disconnected, $"{_board.Location} runs its program, whose serial port is {_name ?? "a pseudo-terminal"} and not on USB");
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _ending.Dispose();
    }

    private async Task RunAsync(PseudoTerminal? first)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (true)
        {
            if (first is null && _board.Program is null)
            {
                await Task.Delay(Interval, _time, _ending.Token).ConfigureAwait(false);
                continue;
            }

            using var terminal = first ?? PseudoTerminal.Create();
            _name = terminal.Name;
            if (first is null)
            {
                _messages?.Report($"{_board.Location} serial port {terminal.Name}");
            }

            first = null;
            try
            {
                var port = await _host.OpenAsync(_board.Location, Closed, _ending.Token).ConfigureAwait(false);
                await using var closing = port.ConfigureAwait(false);
                await CarryAsync(terminal, port).ConfigureAwait(false);
            }
            catch (TransportException)
            {
                // The program has left.
            }

            _name = null;
            _messages?.Report($"{_board.Location} serial port {terminal.Name} is gone");
        }
    }

    private async Task CarryAsync(PseudoTerminal terminal, ISerialPort port)
    {
        using var leaving = CancellationTokenSource.CreateLinkedTokenSource(_ending.Token);
        using var opened = new SemaphoreSlim(0);
        var inward = TakeAsync(terminal, port, opened, leaving.Token);
        var outward = GiveAsync(terminal, port, opened, leaving.Token);
        var first = await Task.WhenAny(inward, outward).ConfigureAwait(false);
        await leaving.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(inward, outward).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await first.ConfigureAwait(false);
    }

    /// <summary>From the port's programs to the board's: bytes, baud rate, and whether there are any.</summary>
    private async Task TakeAsync(PseudoTerminal terminal, ISerialPort port, SemaphoreSlim opened, CancellationToken cancellationToken)
    {
        var wasOpen = false;
        var buffer = new byte[4096];
        while (true)
        {
            // Looked at before what was written is taken: what was written before it was closed comes before that.
            var (isOpen, baudRate) = terminal.Look();
            if (baudRate != port.Settings.BaudRate && baudRate >= 50)
            {
                await port.ConfigureAsync(port.Settings with { BaudRate = baudRate }, cancellationToken).ConfigureAwait(false);
                if (!isOpen && !wasOpen)
                {
                    await port.SetLinesAsync(true, true, cancellationToken).ConfigureAwait(false);
                    wasOpen = true;
                }
            }

            if (isOpen && !wasOpen)
            {
                await port.SetLinesAsync(true, true, cancellationToken).ConfigureAwait(false);
                opened.Release();
            }

            for (var count = terminal.Read(buffer); count > 0; count = terminal.Read(buffer))
            {
                await port.WriteAsync(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }

            if (!isOpen && wasOpen)
            {
                await port.SetLinesAsync(false, false, cancellationToken).ConfigureAwait(false);
                terminal.ResetBaudRate();
                await port.ConfigureAsync(Closed, cancellationToken).ConfigureAwait(false);
            }

            wasOpen = isOpen;
            await Task.Delay(Interval, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>From the board's program to the port's, while there are any.</summary>
    private async Task GiveAsync(PseudoTerminal terminal, ISerialPort port, SemaphoreSlim opened, CancellationToken cancellationToken)
    {
        var buffer = new byte[512];
        while (true)
        {
            if (!terminal.Look().IsOpen)
            {
                await opened.WaitAsync(cancellationToken).ConfigureAwait(false);
                continue;
            }

            var count = await port.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            for (var sent = 0; sent < count && terminal.Look().IsOpen;)
            {
                sent += terminal.Write(buffer.AsSpan(sent, count - sent));
                if (sent < count)
                {
                    await Task.Delay(Interval, _time, cancellationToken).ConfigureAwait(false);
                }
            }
        }
    }
}
