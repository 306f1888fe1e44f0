using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>The byte R that Cleanflight and early Betaflight take as a request for the bootloader (reboot_character).</summary>
internal sealed class SerialREntry : IPortEntry
{
    public EntryWay Way => EntryWay.SerialR;

    public SerialSettings Settings => SerialSettings.Default;

    public async ValueTask<EntryAnswer> AskAsync(ISerialPort port, CancellationToken cancellationToken)
    {
        var talk = new SerialConversation(port);
        await talk.SendAsync("R", cancellationToken).ConfigureAwait(false);
        try
        {
            await talk.ListenAsync(TimeSpan.FromMilliseconds(500), cancellationToken).ConfigureAwait(false);
        }
        catch (TransportException)
        {
            return EntryAnswer.Asked("it left");
        }

        return EntryAnswer.Asked("it does not react to the byte R");
    }
}
