using Defuse.Connections;
using Defuse.Devices;
using Defuse.Entering;

namespace Defuse.Cli;

/// <summary>Tells how a board's bootloader is started by hand, where its program does not do it.</summary>
internal static class ByHand
{
    public static async Task TellAsync(CommandContext context, EntryException failure, CancellationToken cancellationToken)
    {
        var printer = context.Printer;
        if (await ProfileAsync(context, failure.Board, cancellationToken).ConfigureAwait(false) is not { DfuSteps: { IsEmpty: false } steps } profile)
        {
            printer.Help("`defuse boards NAME` shows where BOOT0 is on many boards; `defuse doctor` says what it sees of yours");
            return;
        }

        printer.Sum("");
        printer.Sum($"On the {profile.Name}:");
        for (var i = 0; i < steps.Length; i++)
        {
            printer.Sum($"  {i + 1}. {steps[i]}");
        }

        printer.Sum("");
        foreach (var line in BoardDrawing.Draw(profile))
        {
            printer.Sum(line.Length == 0 ? line : "  " + line);
        }
    }

    private static async Task<BoardProfile?> ProfileAsync(CommandContext context, RunningBoard board, CancellationToken cancellationToken)
    {
        if (board.Location is { } location && location.StartsWith(Boards.SimulatorScheme + ":", StringComparison.Ordinal))
        {
            return BoardDatabase.Default.FindName(ConnectionAddress.Parse(location).Path);
        }

        try
        {
            return context.Catalog is { } catalog ? await catalog.IdentifyAsync(board, cancellationToken).ConfigureAwait(false) : null;
        }
        catch (DefuseException)
        {
            // What failed has been told; this would only have helped.
            return null;
        }
    }
}
