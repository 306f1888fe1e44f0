using Defuse.Devices;

namespace Defuse.Diagnostics.Rules;

/// <summary>A board that runs a program which shows on USB.</summary>
internal sealed class RunningProgramRule : IDiagnosticRule
{
    public string Name => "running-program";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (board.Mode != BoardMode.Program || board.HasNoUsbBootloader(context))
        {
            return null;
        }

        var name = board.Program?.Name ?? "a program";
        var command = Advice.FlashCommand(board, context);
        var byHand = Advice.StartByHand(board.Profile, "defuse flash FILE");
        return How(board.Program?.Kind) is { } how
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Note,
                Title = $"runs {name}",
                IsWayForward = true,
                Text = $"It runs {name}. That is fine: `defuse flash` takes it to its bootloader by itself, {how}.",
                Evidence = board.Evidence,
                Remedies = [new Remedy { Text = "Flash it, with your file's name for FILE (micropython.dfu, for instance)", Command = command }, byHand with { Text = $"If that does not work, by hand: {char.ToLowerInvariant(byHand.Text[0])}{byHand.Text[1..]}" }],
            }
            : new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = $"runs {name}",
                Text = $"It runs {name}, which Defuse does not know how to ask for the bootloader: start that by hand.",
                Evidence = board.Evidence,
                Remedies = [byHand],
                Drawing = board.Profile is { } profile ? BoardDrawing.Draw(profile) : [],
            };
    }

    private static string? How(ProgramKind? kind) => kind switch
    {
        ProgramKind.MicroPython => "through MicroPython's prompt",
        ProgramKind.Betaflight => "with a command on its serial port",
        ProgramKind.ArduPilot => "with a message on its serial port (MAVLink)",
        ProgramKind.Arduino => "by opening its serial port at 1200 baud, if the program was built with that",
        ProgramKind.DfuRunTime => "over USB",
        _ => null,
    };
}
