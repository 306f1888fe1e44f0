using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Formats;

namespace Defuse.Cli.Commands;

/// <summary>defuse info.</summary>
internal static class InfoCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var file = CommonOptions.File();
        var allow = CommonOptions.Allow(CommonOptions.FileAllowances.AsSpan());
        var command = new DocumentedCommand("info", "Say what is in a firmware file.")
        {
            Group = CommandGroup.Files,
            Arguments = { file },
            Options = { allow, common.Json },
            Examples =
            [
                ("What it is, and for which board", "defuse info micropython.dfu"),
                ("For a script", "defuse info firmware.hex --json"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(
            parse, context => RunAsync(context, parse.GetRequiredValue(file), parse.GetValue(allow).File, cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, string path, FileAllowances allow, CancellationToken cancellationToken)
    {
        context.File = path;

        // A wrong CRC is something to tell, and no reason to tell nothing.
        var options = new FirmwareReadOptions { Allow = allow | FileAllowances.Crc };
        var opened = await FirmwareLoader.OpenAsync(context, path, options, cancellationToken).ConfigureAwait(false);
        var facts = FileFacts.Of(path, opened.Size, opened.File);
        context.Printer.Json(FileLine.Of(facts), CliJsonContext.Lines.FileLine);
        if (!context.Printer.IsJson)
        {
            foreach (var line in FileText.Of(facts))
            {
                context.Printer.Data(line);
            }
        }

        foreach (var warning in opened.Warnings)
        {
            context.Printer.Warning(warning);
        }

        return context.Done();
    }
}
