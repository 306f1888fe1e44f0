using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Planning;
using Defuse.Targets;

namespace Defuse.Cli.Commands;

/// <summary>defuse option-bytes.</summary>
internal static class OptionBytesCommand
{
    private const string Show = "show";

    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var action = new Argument<string>("show")
        {
            Description = "Read and decode them. It is all that can be done with them: see below.",
            Arity = ArgumentArity.ZeroOrOne,
            DefaultValueFactory = _ => Show,
            CustomParser = result => result.Tokens[0].Value == Show
                ? Show
                : CommonOptions.Fail<string>(
                    result,
                    $"'{result.Tokens[0].Value}' cannot be done: option bytes are shown, and not written. What a ROM makes of them was captured of none, and wrong ones close a chip for good."),
        };
        action.CompletionSources.Add(Show);
        var command = new DocumentedCommand("option-bytes", "Show a board's option bytes by name: boot pins, watchdogs, protection.")
        {
            Group = CommandGroup.Boards,
            Arguments = { action },
            Options = { common.Device, common.Trace, common.Json },
            Notes = () =>
            [
                "",
                "Writing:",
                "  Option bytes are not written, by this command or by flash. Which bytes a bootloader wants, and whether with their",
                "  complements, was captured of no chip yet, and wrong ones close a chip for good. Read-out protection alone can be",
                "  removed: defuse unprotect.",
            ],
            Examples =
            [
                ("By name, with what each means", "defuse option-bytes show"),
                ("With the bytes themselves", "defuse option-bytes show -v"),
                ("For a script", "defuse option-bytes show --json --device sim:nucleo-f767zi"),
            ],
        };
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(context, parse.GetValue(common.Device), cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, ConnectionAddress? device, CancellationToken cancellationToken)
    {
        var target = await Boards.OpenAsync(context, device, cancellationToken).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        Boards.RequireMemory(target);
        if (target is not IOptionBytes memory)
        {
            throw new PlanRefusedException([new Refusal(RefusalKind.Memory, "no option bytes are shown over this connection", null, "use another connection, such as ST-LINK")]);
        }

        var bytes = await memory.ReadOptionBytesAsync(cancellationToken).ConfigureAwait(false);
        context.Printer.Json(OptionBytesLine.Of(target.Description, bytes), CliJsonContext.Lines.OptionBytesLine);
        if (!context.Printer.IsJson)
        {
            foreach (var line in OptionBytesText.Of(target.Description, bytes))
            {
                context.Printer.Data(line);
            }
        }

        foreach (var line in OptionBytesText.Raw(bytes))
        {
            context.Printer.Detail(line);
        }

        return context.Done();
    }
}
