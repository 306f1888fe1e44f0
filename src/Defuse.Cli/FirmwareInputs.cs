using System.Collections.Immutable;
using Defuse.Cli.Output;
using Defuse.Formats;
using Defuse.Planning;

namespace Defuse.Cli;

/// <summary>Several firmware files, opened for one command.</summary>
internal static class FirmwareInputs
{
    private const uint UsualStart = 0x0800_0000;

    /// <summary>Opens the files one after the other, and tells of their oddities.</summary>
    /// <param name="context">The command.</param>
    /// <param name="inputs">The files.</param>
    /// <param name="allow">What may be wrong with them.</param>
    /// <param name="address">Where raw bytes go, if that was said once for all.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    public static async Task<ImmutableArray<OpenedFile>> OpenAsync(
        CommandContext context, IReadOnlyCollection<FirmwareInput> inputs, FileAllowances allow, uint? address, CancellationToken cancellationToken)
    {
        var files = ImmutableArray.CreateBuilder<OpenedFile>();
        foreach (var input in inputs)
        {
            context.Input = inputs.Count > 1 ? input.Name : null;

            // Who says where the bytes go means them.
            var options = new FirmwareReadOptions { Allow = allow, AllowText = (input.Address ?? address) is not null };
            var opened = await FirmwareLoader.OpenAsync(context, input.Path, options, cancellationToken).ConfigureAwait(false);
            if (input.Address is { } start)
            {
                FirmwareLoader.RefuseAddress(opened, start);
                opened = opened with { File = opened.File.At(start) };
            }

            if (opened.Belied is { } belied)
            {
                context.Printer.Warning(belied);
            }

            foreach (var warning in opened.File.Warnings)
            {
                context.Printer.Warning(inputs.Count > 1 ? $"{input.Name}: {warning}" : warning);
            }

            context.Printer.Detail($"{input.Name}: {FormatTable.Of(opened.File.Format).Described}");
            files.Add(opened);
        }

        context.Input = null;
        return files.DrainToImmutable();
    }

    /// <summary>Gives raw bytes their place: the one that was said, or the start of flash, if their vector table is for there.</summary>
    /// <exception cref="UsageException">It was said for none of the files, or for several; or it is needed.</exception>
    public static ImmutableArray<OpenedFile> Place(CommandContext context, ImmutableArray<OpenedFile> files, uint? address)
    {
        var raw = files.Where(x => x.File.NeedsAddress).ToList();
        if (address is not null && raw.Count != 1)
        {
            throw new UsageException(
                raw.Count == 0
                    ? $"--address is for raw bytes, and {(files.Length == 1 ? $"{files[0].Name} says" : "the files say")} where {(files.Length == 1 ? "its" : "their")} bytes belong"
                    : $"--address is for one raw file, and {string.Join(" and ", raw.Select(x => x.Name))} are raw",
                raw.Count == 0 ? "leave --address out; to move the bytes, make a .bin of them first" : Advice(raw[0]));
        }

        return [.. files.Select(x => x.File.NeedsAddress ? Place(context, x, address, files.Length > 1) : x)];
    }

    /// <summary>A raw file at an address.</summary>
    public static OpenedFile At(OpenedFile file, uint address)
    {
        FirmwareLoader.RefuseAddress(file, address);
        return file with { File = file.File.At(address) };
    }

    /// <summary>Whether raw bytes begin with a vector table for an address.</summary>
    public static bool Fits(OpenedFile file, uint address)
    {
        try
        {
            BinaryPlacement.FindAddress(BytesOf(file), address, []);
            return true;
        }
        catch (AddressNeededException)
        {
            return false;
        }
    }

    private static OpenedFile Place(CommandContext context, OpenedFile file, uint? address, bool isOneOfSeveral)
    {
        context.Input = isOneOfSeveral ? file.Name : null;
        try
        {
            var placed = At(file, address ?? BinaryPlacement.FindAddress(BytesOf(file), UsualStart, []));
            if (address is null)
            {
                // A vector table fits other places as well, and nothing but this line shows that the address was inferred.
                context.Printer.Talk($"{file.Name} is taken to belong at {Texts.Address(UsualStart)}, which its vector table fits; --address says otherwise.");
            }

            context.Input = null;
            return placed;
        }
        catch (AddressNeededException e) when (isOneOfSeveral)
        {
            throw new UsageException(e.Message, Advice(file), e);
        }
    }

    private static string Advice(OpenedFile file) => $"say where the first byte goes behind its name: {file.Path}@0x08020000";

    private static ReadOnlySpan<byte> BytesOf(OpenedFile file) => file.File.Image.Segments is [var segment] ? segment.Data.Span : [];
}
