using Defuse.Transports;

namespace Defuse.Entering;

/// <summary>Calls machine.bootloader(), or pyb.bootloader(), at MicroPython's raw REPL (docs.micropython.org: "The MicroPython Interactive Interpreter Mode").</summary>
internal sealed class MicroPythonEntry : IPortEntry
{
    // Ctrl-C twice ends a script, and its handler of the first one; Ctrl-A is the raw REPL, Ctrl-B the friendly one, Ctrl-D runs.
    private const string Interrupt = "\r\u0003\u0003";
    private const string EnterRawRepl = "\r\u0001";
    private const string LeaveRawRepl = "\r\u0002";
    private const char Run = '\u0004';
    private const char End = '\u0004';

    // What MicroPython for STM32 calls itself; others have bootloaders of their own, which are no DFU.
    private const string Platform = "pyboard";
    private const string Banner = "raw REPL; CTRL-B to exit\r\n>";

    // A chip that erases a sector of its flash hears nothing for up to four seconds, and boot.py takes an interrupt that was meant for main.py.
    private const int Attempts = 5;

    private static readonly TimeSpan BannerTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RunTimeout = TimeSpan.FromSeconds(2);

    public EntryWay Way => EntryWay.MicroPythonRepl;

    public SerialSettings Settings => SerialSettings.Default;

    public async ValueTask<EntryAnswer> AskAsync(ISerialPort port, CancellationToken cancellationToken)
    {
        var talk = new SerialConversation(port);
        try
        {
            return await AskAsync(talk, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Its script was stopped by then, or is about to be.
            try
            {
                await RestartAsync(talk, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TransportException)
            {
                // It is gone, or takes nothing.
            }

            throw;
        }
    }

    private static async ValueTask<EntryAnswer> AskAsync(SerialConversation talk, CancellationToken cancellationToken)
    {
        if (!await EnterRawReplAsync(talk, cancellationToken).ConfigureAwait(false))
        {
            // An answer that comes late finds it at its usual prompt.
            await talk.SendAsync(LeaveRawRepl, cancellationToken).ConfigureAwait(false);
            return EntryAnswer.Declined(talk.HasHeard
                ? "it prints, and offers no prompt: a script runs that does not stop at Ctrl-C, or another program has the other end"
                : "it gives no answer: a script may keep it busy, or have switched Ctrl-C off");
        }

        var (platform, complaint) = await RunAsync(talk, "import sys; print(sys.platform)", cancellationToken).ConfigureAwait(false);
        if (platform is null || complaint.Length > 0)
        {
            await RestartAsync(talk, cancellationToken).ConfigureAwait(false);
            return EntryAnswer.Declined($"it offers its prompt, and does not run what it is sent{(complaint.Length > 0 ? $": {complaint}" : "")}; its script was started again");
        }

        if (platform != Platform)
        {
            await RestartAsync(talk, cancellationToken).ConfigureAwait(false);
            return EntryAnswer.Refused(
                $"it is MicroPython for {platform}, which has no DFU mode of an STM32; its script was started again", "flash it with a program for that chip");
        }

        try
        {
            // From here on a port that goes is what was asked for. Early versions have it in pyb only.
            foreach (var call in (string[])["import machine; machine.bootloader()", "import pyb; pyb.bootloader()"])
            {
                (var printed, complaint) = await RunAsync(talk, call, cancellationToken).ConfigureAwait(false);
                if (printed is null)
                {
                    return EntryAnswer.Asked("it ran the call for its bootloader, and stayed");
                }
            }

            await RestartAsync(talk, cancellationToken).ConfigureAwait(false);
            return EntryAnswer.Declined(complaint.Length == 0
                ? "it ran the call for its bootloader, which did nothing; its script was started again"
                : $"it answered {complaint}; its script was started again");
        }
        catch (TransportException)
        {
            return EntryAnswer.Asked("it left");
        }
    }

    // The soft reset begins main.py anew, as it was before it was interrupted.
    private static async ValueTask RestartAsync(SerialConversation talk, CancellationToken cancellationToken) =>
        await talk.SendAsync(LeaveRawRepl + Run, cancellationToken).ConfigureAwait(false);

    // The raw REPL answers OK, what was printed, Ctrl-D, the traceback, Ctrl-D, a prompt.
    private static async ValueTask<(string? Printed, string Complaint)> RunAsync(SerialConversation talk, string code, CancellationToken cancellationToken)
    {
        talk.Forget();
        await talk.SendAsync(code + Run, cancellationToken).ConfigureAwait(false);
        var isDone = await talk.HearAsync("OK", RunTimeout, cancellationToken).ConfigureAwait(false)
            && await talk.HearAsync($"{End}", RunTimeout, cancellationToken).ConfigureAwait(false)
            && await talk.HearAsync($"{End}>", RunTimeout, cancellationToken).ConfigureAwait(false);
        if (!isDone)
        {
            return (null, "");
        }

        var heard = talk.Heard;
        var parts = heard[(heard.IndexOf("OK", StringComparison.Ordinal) + 2)..].Split(End);
        return (parts[0].Trim(), parts[1].Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "");
    }

    private static async ValueTask<bool> EnterRawReplAsync(SerialConversation talk, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            talk.Forget();
            await talk.SendAsync(Interrupt, cancellationToken).ConfigureAwait(false);
            await talk.SendAsync(EnterRawRepl, cancellationToken).ConfigureAwait(false);
            if (await talk.HearAsync(Banner, BannerTimeout, cancellationToken).ConfigureAwait(false))
            {
                return true;
            }
        }

        return false;
    }
}
