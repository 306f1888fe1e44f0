using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Programming;
using Defuse.Targets;

namespace Defuse.Cli.Commands;

/// <summary>defuse read.</summary>
internal static class ReadCommand
{
    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var output = new Option<string>("--output", "-o") { Description = "The file to write, or - for stdout.", HelpName = "FILE", Required = true };
        var range = CommonOptions.Range("What to read: 0x08000000+128K. Without it, the whole main flash.");
        var format = CommonOptions.Format("--format", "The file's format. Without it, the one that its extension says; bin for stdout.");
        var command = new DocumentedCommand("read", "Read a board's memory into a file.")
        {
            Group = CommandGroup.Boards,
            Options = { common.Device, output, range, format, common.Trace, common.NoProgress, common.Json },
            Examples =
            [
                ("Keep what is on the board", "defuse read -o backup.dfu"),
                ("The first 32 KB, to another program", "defuse read -o - --range 0x08000000+32K | xxd | head"),
            ],
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(output) == FirmwareSink.StandardOutput && result.GetValue(common.Json))
            {
                result.AddError("Stdout takes either the bytes or JSON lines: give -o a file, or leave --json out.");
            }
        });
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context, parse.GetValue(common.Device), parse.GetRequiredValue(output), parse.GetValue(range), parse.GetValue(format), cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(
        CommandContext context, ConnectionAddress? device, string output, AddressRange? range, FirmwareFormat? given, CancellationToken cancellationToken)
    {
        var format = given ?? (output == FirmwareSink.StandardOutput ? FirmwareFormat.Binary : FirmwareSink.FormatOf(output, "--format"));

        // Before minutes of reading, not after.
        FirmwareSink.RefuseUnwritable(output);
        context.File = output;
        var target = await Boards.OpenAsync(context, device, cancellationToken).ConfigureAwait(false);
        await using var closing = target.ConfigureAwait(false);
        Boards.RequireMemory(target);
        var ranges = range is { } one ? [one] : await WholeFlashAsync(context, target, cancellationToken).ConfigureAwait(false);
        var begun = target.Time.GetTimestamp();
        var image = await ProgressDisplay.RunAsync(
            context, $"Read {Texts.Device(target.Description)}", progress => Boards.ReadAsync(new Programmer(target, context.Log), ranges, progress, cancellationToken),
            cancellationToken).ConfigureAwait(false);
        var elapsed = target.Time.GetElapsedTime(begun);
        var options = MemoryFile.Options(target.Description, ranges[0]);
        await FirmwareSink.SaveAsync(context, output, format, image, options, cancellationToken).ConfigureAwait(false);
        context.Printer.Success("Read", $" {Texts.Bytes(image.ByteCount)} of {Texts.Device(target.Description)} to {FirmwareSink.NameOf(output)} in {Texts.Elapsed(elapsed, target.Description)}.");
        return context.Done() with
        {
            BytesRead = image.ByteCount,
            Ranges = JsonRange.Of(image.Segments.Select(x => x.Range)),
            Seconds = Math.Round(elapsed.TotalSeconds, 3),
        };
    }

    // As much as there is, where the chip tells; else as much as the device announces.
    private static async Task<IReadOnlyList<AddressRange>> WholeFlashAsync(CommandContext context, ITarget target, CancellationToken cancellationToken)
    {
        var announced = Boards.MainFlash(target.Description);
        if (target is not IMemoryTarget || await new Programmer(target, context.Log).FindFlashSizeAsync(cancellationToken).ConfigureAwait(false) is not { } size)
        {
            return announced;
        }

        if (size.IsKnownToBeGeneric)
        {
            context.Printer.Warning($"{Texts.Size(size.Bytes)} of flash is a guess: {size.Evidence}; --range reads less, or more");
        }

        var left = size.Bytes;
        var ranges = new List<AddressRange>();
        foreach (var part in announced.Where(_ => left > 0))
        {
            ranges.Add(new AddressRange(part.Start, Math.Min(left, part.Length)));
            left -= ranges[^1].Length;
        }

        return ranges;
    }
}
