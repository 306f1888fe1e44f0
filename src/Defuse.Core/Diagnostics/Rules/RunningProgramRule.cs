using Defuse.Devices;

namespace Defuse.Diagnostics.Rules;

/// <summary>A board that runs a program which shows on USB.</summary>
internal sealed class RunningProgramRule : IDiagnosticRule
{
    public string Name => "running-program";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (board.Mode != BoardMode.Program || board.HasNoUsbBootloader(context) || board.Profile?.DfuObstacle is not null)
        {
            return null;
        }

        if (board.IsUnsure(context))
        {
            return Unsure(board, context);
        }

        var name = board.Program?.Name ?? "a program";
        var command = Advice.FlashCommand(board, context);
        var isClosed = board.HasNoOpenPort(context);
        if (isClosed && How(board, context) is { } way && board.OwnPorts().Any())
        {
            // Another rule says why.
            return new Finding
            {
                Rule = Name,
                Level = FindingLevel.Note,
                Text = $"It runs {name}. As soon as its serial port can be opened, `defuse flash` takes it to its bootloader by itself, {way}.",
                Evidence = board.Evidence,
                Remedies = [new Remedy { Text = "Then flash it, with your file's name for FILE (firmware.dfu, for instance)", Command = command }, Fallback(board.Profile)],
            };
        }

        return !isClosed && How(board, context) is { } how
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Note,
                Title = "can be flashed as it is",
                IsWayForward = true,
                Text = $"It runs {name}. That is fine: `defuse flash` takes it to its bootloader by itself, {how}.",
                Evidence = board.Evidence,
                Remedies = [new Remedy { Text = "Flash it, with your file's name for FILE (firmware.dfu, for instance)", Command = command }, Fallback(board.Profile)],
            }
            : new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = $"runs {name}",
                Text = $"It runs {name}, which Defuse cannot ask for the bootloader{Why(board, context, isClosed)}: start that by hand.",
                Evidence = board.Evidence,
                Remedies = [Advice.StartByHand(board.Profile, command)],
                Drawing = board.Profile is { } profile ? BoardDrawing.Draw(profile) : [],
            };
    }

    private Finding Unsure(SeenBoard board, DiagnosisContext context)
    {
        var byHand = Advice.StartByHand(board.Profile, Advice.FlashCommand(board, context)) with { Text = "Only if it is your board: start its bootloader, and flash it" };
        return board.Program?.Kind == ProgramKind.DfuRunTime
            ? new Finding
            {
                Rule = Name,
                Level = FindingLevel.Note,
                Title = "leave it alone, unless it is your board",
                Text = "It offers DFU, and nothing tells that it is a board: headsets, docks and other devices offer that as well, and another firmware may ruin them.",
                Evidence = [.. board.UsbDevices.Select(x => x.Describe())],
                Remedies =
                [
                    How(board, context) is { } how
                        ? new Remedy { Text = $"Only if it is your board: flash it. `defuse flash` takes it to its bootloader by itself, {how}", Command = Advice.FlashCommand(board, context) }
                        : byHand,
                ],
            }
            : new Finding
            {
                Rule = Name,
                Level = FindingLevel.Blocker,
                Title = "a serial port, perhaps of no STM32 board",
                Text = "It shows a serial port, and nothing tells what it is: modems, printers and boards with other chips show one as well. If it is your board, Defuse cannot ask its program for the bootloader: start that by hand.",
                Evidence = [.. board.UsbDevices.Select(x => x.Describe())],
                Remedies = [byHand],
            };
    }

    private static string Why(SeenBoard board, DiagnosisContext context, bool isClosed) =>
        IsOverUsbIp(context) ? " (serial ports are not reached over USB/IP)"
        : board.DfuDevice?.Problem is { } problem ? $" ({problem.Reason})" : isClosed ? " (it shows no serial port here)" : "";

    private static bool IsOverUsbIp(DiagnosisContext context) => context.Elsewhere?.StartsWith("usbip:", StringComparison.Ordinal) == true;

    private static Remedy Fallback(BoardProfile? board)
    {
        var how = board?.EnterDfu ?? "hold its button BOOT, or join BOOT0 and 3.3 V, while you press its reset button";
        return new Remedy { Text = $"If that does not work, start its bootloader by hand: {how}" };
    }

    private static string? How(SeenBoard board, DiagnosisContext context) => board.Program?.Kind switch
    {
        not ProgramKind.DfuRunTime when IsOverUsbIp(context) => null,
        ProgramKind.MicroPython => "through MicroPython's prompt",
        ProgramKind.Betaflight => "with a command on its serial port",
        ProgramKind.ArduPilot => "with a message on its serial port (MAVLink), if the firmware was built with that",
        ProgramKind.Arduino => "by opening its serial port at 1200 baud, if the program was built with that",
        ProgramKind.DfuRunTime when board.DfuDevice?.Problem is null => "over USB",
        _ => null,
    };
}
