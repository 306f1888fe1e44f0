using System.Collections.Immutable;
using System.CommandLine;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli.Commands;

/// <summary>defuse diff.</summary>
internal static class DiffCommand
{
    private const uint UsualStart = 0x0800_0000;

    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var first = new Argument<string>("A") { Description = $"The firmware: {FormatTable.Files}. Raw bytes may go with their address: app.bin@0x08020000." };
        var second = new Argument<string>("B") { Description = "What it is compared with, in the same format or another." };
        var address = CommonOptions.Address("Where raw bytes belong. Without it, at the start of the other file or at 0x08000000, if they begin with a vector table for there; two raw files are compared from their first bytes on.");
        var ranges = CommonOptions.Ranges("Compare only these bytes: 0x08000000+128K. May be given several times.");
        var allow = CommonOptions.Allow(CommonOptions.FileAllowances.AsSpan());
        var command = new DocumentedCommand("diff", "Say where two firmware files differ, by the bytes at each address.")
        {
            Group = CommandGroup.Files,
            Arguments = { first, second },
            Options = { address, ranges, allow, common.Json },
            Examples =
            [
                ("Whether two downloads are the same firmware", "defuse diff micropython.dfu micropython.hex"),
                ("A board's memory with a file, from a script: 0 if they are equal, 6 if they are not", "defuse read -o - --range 0x08000000+32K | defuse diff - boot.bin"),
            ],
        };
        command.Validators.Add(result => FirmwareInput.Validate(result, [result.GetValue(first), result.GetValue(second)]));
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context,
            [parse.GetRequiredValue(first), parse.GetRequiredValue(second)],
            parse.GetValue(address),
            [.. parse.GetValue(ranges) ?? []],
            parse.GetValue(allow).File,
            cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(
        CommandContext context, string[] names, uint? address, ImmutableArray<AddressRange> ranges, FileAllowances allow, CancellationToken cancellationToken)
    {
        var inputs = names.Select(FirmwareInput.Parse).ToList();
        var files = await FirmwareInputs.OpenAsync(context, inputs, allow, address, cancellationToken).ConfigureAwait(false);
        files = Place(context, files, address);
        var first = ImageMerge.Keep(files[0].File.Image, ranges);
        var second = ImageMerge.Keep(files[1].File.Image, ranges);
        if (first.IsEmpty && second.IsEmpty)
        {
            throw new UsageException(
                ranges.IsEmpty ? "neither file holds any bytes" : $"no byte of either file lies in {string.Join(" or ", ranges)}");
        }

        var comparison = ImageComparison.Compare(first, second);
        if (comparison.AreEqual)
        {
            context.Printer.Success("Same:", $" both hold {(first.ByteCount == 1 ? "one byte, the same at the same address" : $"{Texts.Bytes(first.ByteCount)}, the same at the same addresses")}.");
            return context.Done() with { Outcome = "same", Files = names, Bytes = 0, Ranges = [] };
        }

        if (!context.Printer.IsJson)
        {
            Print(context.Printer, files, first, second, comparison);
        }

        var summary = DifferenceText.Summary(comparison);
        var failure = new Failure(ExitCode.Differs, "differs", "differs", summary, comparison.Differences[0].Range.Start, null);
        return context.Failed(failure) with
        {
            Files = names,
            Bytes = comparison.Differences.Sum(x => x.ByteCount),
            PaddingOnly = comparison.DifferInPaddingOnly,
            Ranges = [.. comparison.Differences.Select(JsonRange.Of)],
        };
    }

    // What is compared belongs somewhere; of two raw files it matters only that it is the same place.
    private static ImmutableArray<OpenedFile> Place(CommandContext context, ImmutableArray<OpenedFile> files, uint? address)
    {
        var raw = files.Where(x => x.File.NeedsAddress).ToList();
        if (raw.Count == 2)
        {
            var start = address ?? (raw.TrueForAll(x => FirmwareInputs.Fits(x, UsualStart)) ? UsualStart : 0);
            if (start == 0 && address is null)
            {
                context.Printer.Talk("Neither file says where its bytes belong: addresses count from their first bytes.");
            }

            return [.. files.Select(x => FirmwareInputs.At(x, start))];
        }

        if (raw.Count == 1 && address is null && files.First(x => x != raw[0]).File.Image.Extent is { } extent && FirmwareInputs.Fits(raw[0], extent.Start))
        {
            address = extent.Start;
        }

        return FirmwareInputs.Place(context, files, address);
    }

    private static void Print(
        Printer printer, ImmutableArray<OpenedFile> files, FirmwareImage first, FirmwareImage second, ImageComparison comparison)
    {
        foreach (var line in Texts.Align([Row("A", files[0], first), Row("B", files[1], second)]))
        {
            printer.Data(line);
        }

        printer.Data("");
        printer.Data(DifferenceText.Summary(comparison) + ":");
        foreach (var line in DifferenceText.Ranges(comparison))
        {
            printer.Data(line);
        }

        printer.Data("");
        if (comparison.DifferInPaddingOnly)
        {
            printer.Data(DifferenceText.Padding(comparison));
            return;
        }

        foreach (var line in DifferenceText.Hex(comparison, first, second))
        {
            printer.Data(line);
        }
    }

    private static string[] Row(string letter, OpenedFile file, FirmwareImage image) =>
    [
        letter,
        file.Name,
        FormatTable.Of(file.File.Format).Title,
        $"{Texts.Bytes(image.ByteCount)}{(image.Extent is { } extent ? $" from {Texts.Address(extent.Start)}" : "")}",
    ];
}
