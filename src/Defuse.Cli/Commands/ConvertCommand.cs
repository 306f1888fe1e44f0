using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using Defuse.Cli.Help;
using Defuse.Cli.Json;
using Defuse.Cli.Output;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli.Commands;

/// <summary>defuse convert.</summary>
internal static class ConvertCommand
{
    private const int MostSegments = 20;

    // What was Latin-1 in an S0 record takes more as UTF-8, and may not fit any more.
    private const int LongestHeader = 252;

    public static Command Create(CommandRunner runner)
    {
        var common = runner.Common;
        var inputs = new Argument<string[]>("IN")
        {
            Description = $"The firmware: {FormatTable.Files}. Several are merged. Raw bytes go with their address: app.bin@0x08020000.",
            Arity = ArgumentArity.OneOrMore,
        };
        var output = new Option<string>("--output", "-o") { Description = "The file to write, or - for stdout.", HelpName = "FILE", Required = true };
        var to = CommonOptions.Format("--to", "The format to write. Without it, the one that the extension says.");
        var address = CommonOptions.Address("Where a raw .bin goes. Without it, to 0x08000000, if the file begins with a vector table for there.");
        var ranges = CommonOptions.Ranges("Keep only these bytes: 0x08000000+128K. May be given several times.");
        var fill = new Option<byte?>("--fill")
        {
            Description = "Put this byte into the gaps: those of each range where --range is given, else those between the first and the last byte. Without it, formats with addresses keep gaps, and a .bin has 0xFF there.",
            HelpName = "BYTE",
            CustomParser = result => Numbers.TryParseAddress(result.Tokens[0].Value, out var value) && value <= byte.MaxValue
                ? (byte)value
                : CommonOptions.Fail<byte?>(result, $"'{result.Tokens[0].Value}' is no byte; write it like 0xFF."),
        };
        var family = new Option<uint?>("--family")
        {
            Description = "Which chips a .uf2 is for, by the name or the number of their UF2 family: STM32F4, 0x57755A57. Without it, the family of a .uf2 that is read.",
            HelpName = "FAMILY",
            CustomParser = result => FindFamily(result.Tokens[0].Value)
                ?? CommonOptions.Fail<uint?>(result, $"'{result.Tokens[0].Value}' is no UF2 family; those with names are {string.Join(", ", Uf2Families.All.Select(x => x.Name))}."),
        };
        family.CompletionSources.Add([.. Uf2Families.All.Select(x => x.Name)]);
        var allow = CommonOptions.Allow(CommonOptions.FileAllowances.AsSpan());
        var command = new DocumentedCommand("convert", "Write firmware in another format, merge files, or cut parts out.")
        {
            Group = CommandGroup.Files,
            Arguments = { inputs },
            Options = { output, to, address, ranges, fill, family, allow, common.Json },
            Examples =
            [
                ("For a programmer that takes no .dfu", "defuse convert micropython.dfu -o micropython.hex"),
                ("A bootloader and its application, in one file", "defuse convert boot.hex app.bin@0x08020000 -o all.hex"),
                ("64 KB of it as raw bytes, with no gaps", "defuse convert all.hex -o part.bin --range 0x08020000+64K --fill 0xFF"),
                ("For a UF2 bootloader's drive", "defuse convert app.bin@0x08010000 -o app.uf2 --family STM32F4"),
                ("In a pipe", "curl -L https://example.org/firmware.hex | defuse convert - -o - --to bin | xxd | head"),
            ],
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(output) == FirmwareSink.StandardOutput && result.GetValue(common.Json))
            {
                result.AddError("Stdout takes either the bytes or JSON lines: give -o a file, or leave --json out.");
            }

            FirmwareInput.Validate(result, result.GetValue(inputs) ?? []);
        });
        command.SetAction((parse, cancellationToken) => runner.RunAsync(parse, context => RunAsync(
            context,
            new Arguments
            {
                Inputs = parse.GetRequiredValue(inputs),
                Output = parse.GetRequiredValue(output),
                Format = parse.GetValue(to),
                Address = parse.GetValue(address),
                Ranges = [.. parse.GetValue(ranges) ?? []],
                Fill = parse.GetValue(fill),
                Family = parse.GetValue(family),
                Allow = parse.GetValue(allow).File,
            },
            cancellationToken)));
        return command;
    }

    private static async Task<ResultLine> RunAsync(CommandContext context, Arguments arguments, CancellationToken cancellationToken)
    {
        var output = arguments.Output;
        var format = arguments.Format ?? FirmwareSink.FormatOf(output, "--to");
        if (arguments.Family is not null && format != FirmwareFormat.Uf2)
        {
            throw new UsageException($"--family is for UF2 files, and {FirmwareSink.NameOf(output)} becomes {FormatTable.Of(format).Described}", "leave --family out");
        }

        FirmwareSink.RefuseUnwritable(output);
        context.File = output;
        var inputs = arguments.Inputs.Select(FirmwareInput.Parse).ToList();
        var files = await FirmwareInputs.OpenAsync(context, inputs, arguments.Allow, arguments.Address, cancellationToken).ConfigureAwait(false);
        files = FirmwareInputs.Place(context, files, arguments.Address);
        var image = Combine(context, files, arguments);
        var options = new FirmwareWriteOptions
        {
            EntryPoint = EntryPoint(context, files, image, isCut: !arguments.Ranges.IsEmpty),
            Header = files.Select(x => x.File.Header).FirstOrDefault(x => x is not null && Encoding.UTF8.GetByteCount(x) <= LongestHeader),
            DfuSe = DfuSe(context, files, image, format),
            Uf2Family = format == FirmwareFormat.Uf2 ? Family(context, files, arguments.Family) : null,
            Fill = arguments.Fill ?? 0xFF,
        };
        await FirmwareSink.SaveAsync(context, output, format, image, options, cancellationToken).ConfigureAwait(false);
        foreach (var segment in image.Segments.Take(MostSegments))
        {
            context.Printer.Detail("  " + Texts.Range(segment.Range));
        }

        var names = files.Length <= 2 ? string.Join(" and ", files.Select(x => x.Name)) : Texts.Count(files.Length, "file");
        context.Printer.Success("Converted", $" {names} to {FirmwareSink.NameOf(output)}: {Amount(image, format)}.");
        return context.Done() with
        {
            Bytes = image.ByteCount,
            Ranges = JsonRange.Of(image.Segments.Select(x => x.Range)),
            Format = FormatTable.Of(format).Name,
        };
    }

    private static FirmwareImage Combine(CommandContext context, ImmutableArray<OpenedFile> files, Arguments arguments)
    {
        var image = ImageMerge.Merge([.. files.Select(x => (x.Name, ImageMerge.Keep(x.File.Image, arguments.Ranges)))]);
        if (image.IsEmpty)
        {
            var extents = files.Select(x => x.File.Image.Extent).OfType<AddressRange>().ToList();
            throw extents.Count == 0
                ? new UsageException("there are no bytes to write")
                : new UsageException(
                    $"no byte of the firmware lies in {string.Join(" or ", arguments.Ranges)}",
                    $"its bytes lie in {AddressRange.FromBounds(extents.Min(x => x.Start), extents.Max(x => x.End))}");
        }

        foreach (var range in arguments.Ranges.Where(x => image.Slice(x).IsEmpty))
        {
            context.Printer.Warning($"no byte of the firmware lies in {range}");
        }

        return arguments.Fill is { } fill ? ImageMerge.Fill(image, arguments.Ranges, fill) : image;
    }

    private static uint? EntryPoint(CommandContext context, ImmutableArray<OpenedFile> files, FirmwareImage image, bool isCut)
    {
        var entries = files.Where(x => x.File.EntryPoint is not null).Select(x => (x.Name, Entry: x.File.EntryPoint!.Value)).ToList();
        if (entries.Count == 0)
        {
            return null;
        }

        var (name, entry) = entries[0];
        if (entries.FirstOrDefault(x => x.Entry != entry) is { Name: { } other, Entry: var second })
        {
            context.Printer.Warning($"{name} starts at {Texts.Address(entry)} and {other} at {Texts.Address(second)}; the first is kept");
        }

        // Bit 0 stands for Thumb.
        if (!isCut || image.Covers(new AddressRange(entry & ~1u, 1)))
        {
            return entry;
        }

        context.Printer.Detail($"the entry point {Texts.Address(entry)} is not among the bytes that are kept, and is left out");
        return null;
    }

    // What it says besides the bytes, of the files that are for a DFU device.
    private static DfuSeWriteOptions DfuSe(CommandContext context, ImmutableArray<OpenedFile> files, FirmwareImage image, FirmwareFormat format)
    {
        var usual = new DfuSeWriteOptions();
        var suffixes = files.Select(x => x.File.Suffix).OfType<DfuSuffix>().ToList();
        var devices = suffixes.Select(x => $"{x.VendorId:x4}:{x.ProductId:x4}").Distinct(StringComparer.Ordinal).ToList();
        if (format == FirmwareFormat.DfuSe && devices.Count > 1)
        {
            context.Printer.Warning($"the files are for the USB devices {string.Join(" and ", devices)}; {devices[0]} is kept");
        }

        var targets = files.SelectMany(x => x.File.Targets).Where(x => x.Elements.Any(element => !image.Slice(element).IsEmpty)).ToList();
        var target = targets.FirstOrDefault();
        var settings = targets.Select(x => x.AlternateSetting).Distinct().ToList();
        if (settings.Count > 1)
        {
            context.Printer.Warning(
                $"what belongs to the alternate settings {string.Join(" and ", settings)} is merged by its addresses"
                + (format == FirmwareFormat.DfuSe ? $", all of it for {settings[0]}" : $"; {FormatTable.Of(format).Described} {(format == FirmwareFormat.Binary ? "have" : "has")} no alternate settings"));
        }

        return suffixes.FirstOrDefault() is not { } suffix ? usual : new DfuSeWriteOptions
        {
            VendorId = suffix.VendorId,
            ProductId = suffix.ProductId,
            DeviceRelease = suffix.DeviceRelease,
            AlternateSetting = target?.AlternateSetting ?? usual.AlternateSetting,
            TargetName = target?.Name,
        };
    }

    private static uint? FindFamily(string text) =>
        Uf2Families.Find(text)?.Id ?? (Numbers.TryParseAddress(text, out var number) ? number : null);

    private static uint? Family(CommandContext context, ImmutableArray<OpenedFile> files, uint? given)
    {
        var families = files.Select(x => x.File.Uf2?.Family).OfType<uint>().Distinct().ToList();
        if (given is null && families.Count == 0)
        {
            context.Printer.Warning("the UF2 file names no family of chips, and many bootloaders refuse such a file: say which with --family");
        }
        else if (given is null && families.Count > 1)
        {
            context.Printer.Warning($"the files are for the UF2 families {string.Join(" and ", families.Select(NameOf))}; {NameOf(families[0])} is kept");
        }

        return given ?? (families.Count == 0 ? null : families[0]);

        static string NameOf(uint family) => Uf2Families.Find(family)?.Name ?? $"0x{family:X8}";
    }

    private static string Amount(FirmwareImage image, FirmwareFormat format)
    {
        var amount = Texts.Bytes(image.ByteCount);
        if (format != FirmwareFormat.Binary)
        {
            var padding = format == FirmwareFormat.Uf2 ? PaddedSize(image) - image.ByteCount : 0;
            return $"{amount} in {Texts.Count(image.Segments.Length, "segment")}{(padding == 0 ? "" : $", and {Texts.Bytes(padding)} of filler up to whole pages")}";
        }

        var extent = image.Extent!.Value;
        var filler = extent.Length - image.ByteCount;
        return $"{amount}{(filler == 0 ? "" : $", {Texts.Bytes(filler)} of filler between them")}; the file starts at {Texts.Address(extent.Start)}";
    }

    // UF2 holds whole pages.
    private static long PaddedSize(FirmwareImage image)
    {
        var (size, end) = (0L, 0L);
        foreach (var range in image.Segments.Select(x => x.Range))
        {
            var start = Math.Max(end, range.Start / Uf2Format.PageSize * Uf2Format.PageSize);
            end = Math.Max(end, (range.End + Uf2Format.PageSize - 1) / Uf2Format.PageSize * Uf2Format.PageSize);
            size += end - start;
        }

        return size;
    }

    private sealed record Arguments
    {
        public required string[] Inputs { get; init; }

        public required string Output { get; init; }

        public FirmwareFormat? Format { get; init; }

        public uint? Address { get; init; }

        public required ImmutableArray<AddressRange> Ranges { get; init; }

        public byte? Fill { get; init; }

        public uint? Family { get; init; }

        public FileAllowances Allow { get; init; }
    }
}
