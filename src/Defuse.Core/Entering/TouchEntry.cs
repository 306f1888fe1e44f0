using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Arduino's convention: a port that is closed at 1200 baud with DTR low asks for the bootloader.</summary>
internal sealed class TouchEntry : IPortEntry
{
    // For the program to see DTR go before the port is closed.
    private static readonly TimeSpan Hold = TimeSpan.FromMilliseconds(50);

    public EntryWay Way => EntryWay.Touch1200;

    public SerialSettings Settings { get; } = new() { BaudRate = 1200 };

    public async ValueTask<EntryAnswer> AskAsync(ISerialPort port, CancellationToken cancellationToken)
    {
        try
        {
            await port.SetLinesAsync(dataTerminalReady: false, requestToSend: null, cancellationToken).ConfigureAwait(false);
            await Task.Delay(Hold, port.Time, cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException)
        {
            // Some reset before they acknowledge the request, which the system then calls failed.
            return EntryAnswer.Asked("it left");
        }

        return EntryAnswer.Asked("it does not react to being opened at 1200 baud, which programs have to be built for");
    }
}
