using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics.Rules;

/// <summary>Of a board with a debug probe on it, only the probe's socket is connected.</summary>
internal sealed class OnlyProbeConnectedRule : IDiagnosticRule
{
    public string Name => "only-probe-connected";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (!board.IsProbeOnly() || board.HasNoUsbBootloader(context) || board.Profile?.DfuObstacle is not null || board.OtherSocket(context) is not null)
        {
            return null;
        }

        var probe = board.ProbeName();
        var direct = context.Targets.Contains("stlink", StringComparer.Ordinal) && board.Probe?.VendorId == SeenBoards.StMicro;
        return new Finding
        {
            Rule = Name,
            Level = direct ? FindingLevel.Note : FindingLevel.Blocker,
            Title = board.Profile is null ? "a debug probe" : $"only its {probe} is connected",
            Text = $"{What(board, probe)} Defuse {(direct ? "also" : "itself")} flashes {(board.Profile is null ? "a board" : "this board")} through the chip's own USB bootloader (DFU), and compares every byte afterwards. {Where(board.Profile, probe)}",
            Evidence = [.. board.Evidence, .. board.UsbDevices.Select(x => x.Describe())],
            Remedies = Remedies(board, context, direct),
            Drawing = board.Profile is { } profile ? BoardDrawing.Draw(profile) : [],
        };
    }

    // What takes no hands at the board first; other people's programs last.
    private static ImmutableArray<Remedy> Remedies(SeenBoard board, DiagnosisContext context, bool direct)
    {
        // Without a name the command would take the other board that is there.
        var others = context.Boards.Any(x => x != board && x.Mode is BoardMode.Dfu or BoardMode.Program);
        var command = others ? "defuse flash FILE --device ADDRESS" : "defuse flash FILE";
        var byHand = Advice.StartByHand(board.Profile, command);
        return direct || board.Volumes.Any(x => x.Path is not null)
            ? [.. Advice.ThroughProbe(board, context), Named(Running(board.Profile, command)), Named(byHand)]
            : [Named(byHand), Named(Running(board.Profile, command)), .. Advice.ThroughProbe(board, context)];

        Remedy Named(Remedy remedy) => others
            ? remedy with { Steps = [.. remedy.Steps, "Find the board in what `defuse list` prints then, and put what stands there in front of it for ADDRESS: another board is connected, too"] }
            : remedy;
    }

    private static string What(SeenBoard board, string probe)
    {
        var shows = (board.Volumes.IsEmpty, board.SerialPorts.IsEmpty) switch
        {
            (false, false) => "; the drive and the serial port that you see are the probe's",
            (false, true) => "; the drive that you see is the probe's",
            (true, false) => "; the serial port that you see is the probe's",
            _ => "",
        };
        return board.Profile is null
            ? $"This is a debug probe, which is there to load and watch programs. Which board it is on, or connected to, does not show{shows}."
            : $"The cable is in the socket of its {probe}, a debug probe that is there to load and watch programs{shows}.";
    }

    private static string Where(BoardProfile? board, string probe) => board switch
    {
        null => $"That bootloader does not show through the {probe}.",
        { UsbWires: not null } => "The board has no USB socket for it: it takes a cable of your own.",
        _ => $"That bootloader shows at {DfuStepText.Socket(board)}{(board.UserSocket is null ? ", the other one on the board" : "")}, and only when the board starts with BOOT0 high.",
    };

    private static Remedy Running(BoardProfile? board, string command)
    {
        var where = board switch
        {
            { UserSocket: { } name } => $"the USB socket {name}",
            { UsbWires: not null } => "your own cable to the chip's USB",
            _ => "the chip's own USB socket",
        };
        return new Remedy { Text = $"If the board runs MicroPython, Betaflight or ArduPilot already, only connect {where}: Defuse asks the program for the bootloader by itself, with no wire", Command = command };
    }
}
