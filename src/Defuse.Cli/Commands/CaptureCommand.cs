using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Output;
using Defuse.Images;

namespace Defuse.Cli.Commands;

/// <summary>defuse capture.</summary>
internal static class CaptureCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var output = new Option<string>("--output", "-o") { Description = "The file to write.", HelpName = "FILE", Required = true };
        var scratch = new Option<AddressRange?>("--scratch")
        {
            Description = "Flash that may be lost: every sector that it touches is erased, written and left erased. With --yes.",
            HelpName = CommonOptions.RangeName,
            CustomParser = result => CommonOptions.ParseRange(result, result.Tokens[0]),
        };
        var yes = new Option<bool>("--yes", "-y") { Description = "Erase what --scratch names." };
        var command = new DocumentedCommand("capture", "Record how a board's bootloader behaves, for those who write a simulation of it.")
        {
            Group = CommandGroup.Boards,
            Options = { common.Device, output, scratch, yes, common.Json },
            Notes = () =>
            [
                "",
                "Without --scratch nothing is written. The file holds the descriptors with serial numbers",
                "replaced, the option bytes, and a few blocks of what is in flash.",
            ],
            Examples =
            [
                ("What can be had without a change", "defuse capture -o board.jsonl"),
                ("Erase and program times as well, of the last sectors", "defuse capture -o board.jsonl --scratch 0x080C0000+256K --yes"),
            ],
        };
        command.Validators.Add(result =>
        {
            // What is no range is told by the option itself.
            if (result.GetResult(scratch) is { Tokens: [var token] } && Numbers.TryParseRange(token.Value, out var range) && !result.GetValue(yes))
            {
                result.AddError($"--scratch erases every sector that {range} touches, and leaves them erased: give --yes as well if that may be.");
            }
        });
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, async context =>
        {
            var file = parse.GetRequiredValue(output);
            var trace = TraceFile.Open(file, "-o");
            await using var closing = trace.ConfigureAwait(false);
            context.File = file;
            var transfers = await Boards.CaptureAsync(context, parse.GetValue(common.Device), trace.Stream, parse.GetValue(scratch), cancellationToken).ConfigureAwait(false);
            context.Scratch = [];
            context.Printer.Talk($"Recorded {Texts.Count(transfers, "transfer")} in {file}{(parse.GetValue(scratch) is null ? "; nothing was written to the board." : ".")}");
            return context.Done();
        }));
        return command;
    }
}
