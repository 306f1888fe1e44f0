using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli.Commands;

/// <summary>defuse erase.</summary>
internal static class EraseCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var chip = new Option<bool>("--chip") { Description = "Erase the whole main flash." };
        var range = CommonOptions.Range("Erase every sector that this range touches: 0x08020000+128K.");
        var noVerify = new Option<bool>("--no-verify") { Description = "Do not read back whether it is blank; the exit code is 8 then." };
        var backup = CommonOptions.Backup();
        var allow = CommonOptions.Allow("outside", "protected");
        var command = new DocumentedCommand("erase", "Erase a board's flash, and prove that it is blank.")
        {
            Group = CommandGroup.Boards,
            Options = { common.Device, chip, range, backup, noVerify, allow, common.Trace, common.NoProgress, common.Json },
            Examples =
            [
                ("All of the main flash", "defuse erase --chip"),
                ("The sectors of a file system", "defuse erase --range 0x08020000+384K"),
                ("All, with a way back", "defuse erase --chip --backup before.dfu"),
            ],
        };
        command.Validators.Add(result =>
        {
            if (result.GetResult(chip) is null == result.GetResult(range) is null)
            {
                result.AddError("Say what to erase: either --chip, or --range START+LENGTH.");
            }
        });
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context,
            parse.GetValue(common.Device),
            parse.GetValue(range),
            parse.GetValue(backup),
            new FlashOptions { Allow = parse.GetValue(allow).Flash, Verify = !parse.GetValue(noVerify) },
            cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(
        CommandContext context, ConnectionAddress? device, AddressRange? range, string? backup, FlashOptions options, CancellationToken cancellationToken)
    {
        var file = backup is null ? null : BackupFile.Named(context, backup);
        var target = await Boards.OpenAsync(context, device, cancellationToken).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        Boards.RequireMemory(target);
        if (file is not null)
        {
            options = options with { Backup = (image, cancel) => file.SaveAsync(image, target.Description, cancel) };
        }

        var report = await ProgressDisplay.RunAsync(
            context,
            $"Erase {Texts.Device(target.Description)}",
            progress => new Programmer(target, context.Log).EraseAsync(range, options, progress, cancellationToken).AsTask(),
            cancellationToken).ConfigureAwait(false);
        var wayBack = file?.Close(report);
        var result = context.Ended(report, wayBack);
        ReportText.PrintErase(context.Printer, report, wayBack);
        return result;
    }
}
