using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Devices;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli.Commands;

/// <summary>defuse unprotect.</summary>
internal static class UnprotectCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var yes = new Option<bool>("--yes") { Description = "Do it: everything in flash is lost. Without it, nothing is done." };
        var command = new DocumentedCommand("unprotect", "Remove a chip's read-out protection, which wipes the chip.")
        {
            Group = CommandGroup.Boards,
            Options = { common.Device, yes, common.Trace, common.NoProgress, common.Json },
            Notes = () =>
            [
                "",
                "What happens:",
                "  The chip erases all of its flash, and the backup registers and data EEPROM of some, resets, and comes back",
                "  unprotected. Nobody can read before what is lost: that is what the protection is for. Write protection and the",
                "  other option bytes stay. Level 2 cannot be removed by anybody.",
            ],
            Examples =
            [
                ("Say whether it is protected, and what would be lost", "defuse unprotect"),
                ("Wipe it, and have it open", "defuse unprotect --yes"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(
            parse, context => RunAsync(context, parse.GetValue(common.Device), parse.GetValue(yes), cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, ConnectionAddress? device, bool yes, CancellationToken cancellationToken)
    {
        var target = await Boards.OpenAsync(context, device, cancellationToken).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        Boards.RequireMemory(target);
        var protection = target.Description.Protection;
        var name = Texts.Device(target.Description);
        if (protection.ReadOut == ReadOutProtection.None)
        {
            context.Printer.Talk($"{name} is not read-out protected: {protection.Evidence}. Nothing was done.");
            return context.Done();
        }

        if (!yes && protection.ReadOut != ReadOutProtection.Permanent)
        {
            await new Programmer(target, context.Log).CheckUnprotectionAsync(cancellationToken).ConfigureAwait(false);
            var what = protection.ReadOut == ReadOutProtection.Unknown
                ? $"whether {name} is protected is not known: {protection.Evidence}"
                : $"{name} is read-out protected, {protection.ReadOutText}: {protection.Evidence}";
            throw new PlanRefusedException([new Refusal(
                RefusalKind.Protected, $"{what}; removing the protection wipes the chip: everything in its flash is lost", null, "if that is meant, say --yes")]);
        }

        var report = await ProgressDisplay.RunAsync(
            context,
            $"Unprotect {name}",
            progress => new Programmer(target, context.Log).UnprotectAsync(progress, cancellationToken).AsTask(),
            cancellationToken).ConfigureAwait(false);
        context.Device = target.Description;
        var result = context.Ended(report);
        ReportText.PrintUnprotection(context.Printer, report, target.Description);
        return result;
    }
}
