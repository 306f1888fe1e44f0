using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Holds BOOT0 high while NRST goes low and high, by the lines of a serial adapter.</summary>
internal sealed class ModemLinesEntry(ModemLineWiring wiring) : IPortEntry
{
    // ST's data sheets ask for at least 300 ns of reset; the capacitor at NRST and the start of the ROM want far more.
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(100);

    public EntryWay Way => EntryWay.ModemLines;

    // The lines are as they were meant from the moment the port opens: NRST high, BOOT0 high.
    public SerialSettings Settings => SerialSettings.Default with
    {
        DataTerminalReady = wiring.DtrIsReset ? Reset(high: true) : Boot(high: true),
        RequestToSend = wiring.DtrIsReset ? Boot(high: true) : Reset(high: true),
    };

    public async ValueTask<EntryAnswer> AskAsync(ISerialPort port, CancellationToken cancellationToken)
    {
        await SetAsync(port, bootIsHigh: true, resetIsHigh: true, cancellationToken).ConfigureAwait(false);
        await Task.Delay(Hold, port.Time, cancellationToken).ConfigureAwait(false);
        await SetAsync(port, bootIsHigh: true, resetIsHigh: false, cancellationToken).ConfigureAwait(false);
        await Task.Delay(Hold, port.Time, CancellationToken.None).ConfigureAwait(false);

        // A board is not left in reset because somebody pressed Ctrl-C.
        await SetAsync(port, bootIsHigh: true, resetIsHigh: true, CancellationToken.None).ConfigureAwait(false);
        await Task.Delay(Hold, port.Time, CancellationToken.None).ConfigureAwait(false);
        await SetAsync(port, bootIsHigh: false, resetIsHigh: true, CancellationToken.None).ConfigureAwait(false);
        return EntryAnswer.Asked("no board came up in DFU mode after the lines were switched; the wiring may be another, or its USB not connected");
    }

    private ValueTask SetAsync(ISerialPort port, bool bootIsHigh, bool resetIsHigh, CancellationToken cancellationToken)
    {
        var (boot, reset) = (Boot(bootIsHigh), Reset(resetIsHigh));
        return wiring.DtrIsReset
            ? port.SetLinesAsync(dataTerminalReady: reset, requestToSend: boot, cancellationToken)
            : port.SetLinesAsync(dataTerminalReady: boot, requestToSend: reset, cancellationToken);
    }

    // An adapter's pin is low while its line is asserted.
    private bool Boot(bool high) => high == wiring.InvertBoot;

    private bool Reset(bool high) => high == wiring.InvertReset;
}
