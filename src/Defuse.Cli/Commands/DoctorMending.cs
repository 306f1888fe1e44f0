using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Diagnostics;

namespace Defuse.Cli.Commands;

/// <summary>What --fix and --undo of defuse doctor do: show, ask, change, look again.</summary>
/// <param name="context">The run.</param>
/// <param name="isUndo">Whether it takes back.</param>
/// <param name="dryRun">Whether it only shows.</param>
/// <param name="yes">Whether nobody need be asked.</param>
internal sealed class DoctorMending(CommandContext context, bool isUndo, bool dryRun, bool yes)
{
    private Printer Printer => context.Printer;

    public async Task<ResultLine> RunAsync(DefuseDoctor doctor, HostInventory inventory, ConnectionAddress? device, CancellationToken cancellationToken)
    {
        var environment = context.Environment;
        var isAsked = environment is { InIsTerminal: true, ErrorIsTerminal: true };
        var mender = environment.CreateMender(isAsked);
        var mending = mender is null ? null
            : isUndo ? await mender.PlanUndoAsync(inventory, cancellationToken).ConfigureAwait(false)
            : await mender.PlanFixAsync(inventory, cancellationToken).ConfigureAwait(false);
        if (mending is null)
        {
            Printer.Talk(isUndo ? "There is nothing to take back: Defuse changed nothing here." : "There is nothing here that Defuse can mend by itself.");
            return context.Done();
        }

        Show(mending);
        if (mending.Obstacle is { } obstacle)
        {
            throw new MendingException(obstacle, mending.Remedy, isRefusal: true);
        }

        if (dryRun)
        {
            Printer.Talk("Nothing was changed.");
            return context.Done();
        }

        if (!yes && !await AskAsync(isAsked, cancellationToken).ConfigureAwait(false))
        {
            Printer.Talk("Nothing was changed.");
            return context.Done();
        }

        var result = await mending.ApplyAsync(cancellationToken).ConfigureAwait(false);
        if (!result.IsDone)
        {
            throw new MendingException(result.Text, result.Remedy, isRefusal: false);
        }

        Printer.Success("Done", $": {result.Text}.");
        if (isUndo)
        {
            if (result.Remedy is { } rest)
            {
                Printer.Talk($"Still to do: {rest}.");
            }

            return context.Done();
        }

        var again = await doctor.LookAsync(device, cancellationToken).ConfigureAwait(false);
        Compare(inventory, again, result.Remedy);
        return context.Done();
    }

    private void Show(Mending mending)
    {
        Printer.Json(MendingLine.Of(mending), CliJsonContext.Lines.MendingLine);
        if (mending.IsExperimental)
        {
            Printer.Warning("this was never tried on a real computer: it is experimental, and --undo is there to take it back");
        }

        // Nobody can say yes to what was not shown.
        foreach (var line in mending.Steps.Select(x => "  " + x).Prepend($"To {mending.Title}:"))
        {
            if (yes)
            {
                Printer.Talk(line);
            }
            else
            {
                Printer.Sum(line);
            }
        }
    }

    private async Task<bool> AskAsync(bool isAsked, CancellationToken cancellationToken)
    {
        if (!isAsked)
        {
            throw new UsageException("nobody is there to be asked whether this may be done", "say --yes if it may, or --dry-run to see it only");
        }

        await context.Environment.Error.WriteAsync("Do this? [y/N] ").ConfigureAwait(false);
        using var reader = new StreamReader(context.Environment.OpenInStream());
        var answer = await reader.ReadLineAsync(cancellationToken).ConfigureAwait(false);
        return answer?.Trim() is "y" or "Y" or "yes" or "Yes" or "YES";
    }

    // Whether what did not open opens now.
    private void Compare(HostInventory before, HostInventory after, string? remedy)
    {
        var devices = DefuseDoctor.Compare(before, after);
        foreach (var device in devices)
        {
            if (device.Problem is { } why)
            {
                Printer.Warning($"{device.Name} at {device.Location} still does not open: {why}");
            }
            else
            {
                Printer.Success("Opens", $": {device.Name} at {device.Location}.");
            }
        }

        if (devices.FirstOrDefault(x => x.Problem is not null) is { } closed)
        {
            throw new ConnectionException(
                ConnectionFailure.CannotOpen, "the change was made, and a board still does not open", remedy ?? closed.Remedy ?? "plug it in again, and run defuse doctor");
        }
    }
}
