using System.Text;
using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Has Betaflight, INAV and their relatives reboot into the ROM bootloader, by MSP or at their command line.</summary>
/// <remarks>
/// Which of the two a firmware understands, MSP_FC_VARIANT and MSP_API_VERSION tell: Betaflight reads the bootloader in MSP_REBOOT's
/// payload from API 1.42 on; INAV ignores it (before its version 9) and would only restart, but has the command "dfu".
/// </remarks>
internal sealed class BetaflightEntry : IPortEntry
{
    private const byte ApiVersion = 1;
    private const byte FlightControllerVariant = 2;
    private const byte Status = 101;
    private const byte Reboot = 68;
    private const byte RomBootloader = 1;
    private const int ArmedFlagsOffset = 6;

    private static readonly TimeSpan AnswerTimeout = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PromptTimeout = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LeavingTimeout = TimeSpan.FromSeconds(2);
    private static readonly Version RebootModes = new(1, 42);

    private readonly FrameBuffer<MspFrame> _frames = new(MspFrame.Take);

    public EntryWay Way => EntryWay.Betaflight;

    public SerialSettings Settings => SerialSettings.Default;

    public async ValueTask<EntryAnswer> AskAsync(ISerialPort port, CancellationToken cancellationToken)
    {
        var talk = new SerialConversation(port);
        var variant = await AskAsync(talk, FlightControllerVariant, cancellationToken).ConfigureAwait(false);
        if (variant is null)
        {
            return await AtPromptAsync(talk, "bl", cancellationToken).ConfigureAwait(false);
        }

        if (await AskAsync(talk, Status, cancellationToken).ConfigureAwait(false) is { IsError: false } status
            && status.Payload.Length > ArmedFlagsOffset && (status.Payload[ArmedFlagsOffset] & 1) != 0)
        {
            return EntryAnswer.Refused("it is armed, and its motors would stop", "disarm it, and run the same command again");
        }

        if (Text(variant) == "INAV")
        {
            return await AtPromptAsync(talk, "dfu", cancellationToken).ConfigureAwait(false);
        }

        var version = await AskAsync(talk, ApiVersion, cancellationToken).ConfigureAwait(false);
        return version is { IsError: false, Payload.Length: >= 3 } && new Version(version.Payload[1], version.Payload[2]) < RebootModes
            ? await AtPromptAsync(talk, "bl", cancellationToken).ConfigureAwait(false)
            : await RebootAsync(talk, cancellationToken).ConfigureAwait(false);
    }

    private static string Text(MspFrame frame) => Encoding.ASCII.GetString([.. frame.Payload]);

    private async ValueTask<EntryAnswer> RebootAsync(SerialConversation talk, CancellationToken cancellationToken)
    {
        await talk.SendAsync(MspFrame.Request(Reboot, RomBootloader), cancellationToken).ConfigureAwait(false);
        try
        {
            var answer = await ReceiveAsync(talk, Reboot, LeavingTimeout, cancellationToken).ConfigureAwait(false);
            if (answer is { IsError: true })
            {
                return await AtPromptAsync(talk, "bl", cancellationToken).ConfigureAwait(false);
            }

            // Betaflight repeats the mode that it takes; a zero is a mere restart.
            return answer is { Payload: [not RomBootloader, ..] }
                ? EntryAnswer.Asked("it only restarts when it is asked for its bootloader")
                : EntryAnswer.Asked("it was asked for its bootloader by MSP, and stayed");
        }
        catch (TransportException)
        {
            return EntryAnswer.Asked("it left");
        }
    }

    private static async ValueTask<EntryAnswer> AtPromptAsync(SerialConversation talk, string command, CancellationToken cancellationToken)
    {
        // INAV wants several; the others take those that follow the first one for a comment.
        talk.Forget();
        await talk.SendAsync("####\r\n", cancellationToken).ConfigureAwait(false);
        if (!await talk.HearAsync("# ", PromptTimeout, cancellationToken).ConfigureAwait(false))
        {
            return EntryAnswer.Declined(talk.HasHeard ? "it offers no command line" : "it gives no answer, neither to MSP nor at a command line");
        }

        talk.Forget();
        await talk.SendAsync(command + "\r\n", cancellationToken).ConfigureAwait(false);
        try
        {
            // Versions differ in how they spell it.
            var isUnknown = await talk.HearInAnyCaseAsync("unknown", LeavingTimeout, cancellationToken).ConfigureAwait(false);
            if (!isUnknown)
            {
                return EntryAnswer.Asked($"it was asked for its bootloader at its command line ({command}), and stayed");
            }

            await talk.SendAsync("exit\r\n", cancellationToken).ConfigureAwait(false);
            return EntryAnswer.Restarting($"its command line does not know '{command}'");
        }
        catch (TransportException)
        {
            return EntryAnswer.Asked("it left");
        }
    }

    private async ValueTask<MspFrame?> AskAsync(SerialConversation talk, byte command, CancellationToken cancellationToken)
    {
        await talk.SendAsync(MspFrame.Request(command), cancellationToken).ConfigureAwait(false);
        return await ReceiveAsync(talk, command, AnswerTimeout, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<MspFrame?> ReceiveAsync(SerialConversation talk, byte command, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var deadline = new Deadline(talk.Time, timeout);
        while (await talk.ReceiveAsync(deadline, cancellationToken).ConfigureAwait(false) is { IsEmpty: false } bytes)
        {
            if (_frames.Add(bytes.Span).FirstOrDefault(x => x.Command == command) is { } frame)
            {
                return frame;
            }
        }

        return null;
    }
}
