using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli.Commands;

/// <summary>defuse verify.</summary>
internal static class VerifyCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var file = CommonOptions.File();
        var address = CommonOptions.Address("Where a raw .bin belongs. Without it, at the start of flash, if the file begins with a vector table for there.");
        var allow = CommonOptions.Allow(["outside", .. CommonOptions.FileAllowances]);
        var command = new DocumentedCommand("verify", "Compare a board's memory with a firmware file; change nothing.")
        {
            Group = CommandGroup.Boards,
            Arguments = { file },
            Options = { common.Device, address, allow, common.Trace, common.NoProgress, common.Json },
            Examples =
            [
                ("The only board that is connected", "defuse verify micropython.dfu"),
                ("In a script: 0 if it holds the file, 6 if it does not", "defuse verify -q firmware.hex --device dfu:usb-1-4.2"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context, parse.GetRequiredValue(file), parse.GetValue(common.Device), parse.GetValue(address), parse.GetValue(allow), cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(
        CommandContext context, string path, ConnectionAddress? device, uint? address, Allowances allow, CancellationToken cancellationToken)
    {
        var file = await FirmwareLoader.LoadAsync(context, path, allow.File, address, cancellationToken).ConfigureAwait(false);
        var target = await Boards.OpenAsync(context, device, cancellationToken).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        Boards.RequireMemory(target);
        var image = FirmwareLoader.Place(file, address, target.Description);

        // Comparing harms no chip, whichever the file was made for; the bytes decide.
        var options = new FlashOptions { Allow = allow.Flash | FlashAllowances.Chip };
        var report = await ProgressDisplay.RunAsync(
            context,
            $"{Path.GetFileName(FirmwareSource.NameOf(path))} against {Texts.Device(target.Description)}",
            progress => new Programmer(target, context.Log).VerifyAsync(image, options, progress, cancellationToken).AsTask(),
            cancellationToken).ConfigureAwait(false);
        var result = context.Ended(report);
        ReportText.PrintVerification(context.Printer, report);
        return result;
    }
}
