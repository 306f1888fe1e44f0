using System.Globalization;
using Defuse.Devices;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Inspection;
using Defuse.Planning;

namespace Defuse.Cli;

/// <summary>Gets from a path to an image.</summary>
internal static class FirmwareLoader
{
    /// <summary>Opens a firmware file; what is odd about it is in <see cref="OpenedFile.Warnings"/>.</summary>
    public static async Task<OpenedFile> OpenAsync(
        CommandContext context, string path, FirmwareReadOptions options, CancellationToken cancellationToken)
    {
        var stream = await FirmwareSource.OpenAsync(context.Environment, path, cancellationToken).ConfigureAwait(false);
        await using var closing = stream.ConfigureAwait(false);
        if (context.WantsFileHash)
        {
            stream.BeginHash();
        }

        var file = await FirmwareFile.ReadAsync(stream, options, cancellationToken).ConfigureAwait(false);
        context.FileHash = context.WantsFileHash ? await stream.HashAsync(cancellationToken).ConfigureAwait(false) : null;
        return new OpenedFile(path, stream.BytesRead, file);
    }

    /// <summary>Opens a firmware file, and tells of its oddities.</summary>
    public static async Task<FirmwareFile> LoadAsync(
        CommandContext context, string path, FileAllowances allow, uint? address, CancellationToken cancellationToken)
    {
        context.File = path;

        // Who says where the bytes go means them.
        var options = new FirmwareReadOptions { Allow = allow, AllowText = address is not null };
        var opened = await OpenAsync(context, path, options, cancellationToken).ConfigureAwait(false);
        var file = opened.File;
        if (address is { } start)
        {
            RefuseAddress(opened, start);
        }

        foreach (var warning in opened.Warnings)
        {
            context.Printer.Warning(warning);
        }

        return file;
    }

    /// <summary>Refuses an address that a file has no use for, or no room at.</summary>
    public static void RefuseAddress(OpenedFile opened, uint start)
    {
        if (!opened.File.NeedsAddress)
        {
            throw new UsageException(
                $"an address is for raw bytes, and {FirmwareSource.NameOf(opened.Path)} says by itself where its bytes belong",
                "leave the address out; to move the bytes, make a .bin of them first");
        }

        if (opened.File.Image.ByteCount > AddressRange.AddressSpaceEnd - start)
        {
            throw new UsageException(string.Create(
                CultureInfo.InvariantCulture, $"{opened.File.Image.ByteCount:N0} bytes at 0x{start:X8} would end past 0xFFFFFFFF"));
        }
    }

    /// <summary>The image, with raw bytes at the address that was given or that their vector table fits.</summary>
    public static FirmwareImage Place(FirmwareFile file, uint? address, TargetDescription target) =>
        !file.NeedsAddress ? file.Image
        : file.Image.Segments is [var segment] ? file.At(address ?? BinaryPlacement.FindAddress(segment.Data.Span, target)).Image
        : file.Image;

    /// <summary>What the file says, outside its image, that it was made for.</summary>
    public static MadeFor MadeFor(FirmwareFile file) => new()
    {
        Usb = file.Suffix is { } suffix ? new UsbIdentity(suffix.VendorId, suffix.ProductId) : null,
        Families = file.Uf2 is { Family: { } family } && Uf2Families.Find(family) is { } known ? [known.Name] : [],
        TargetName = file.Targets.Select(x => x.Name).OrderBy(x => x?.Contains("STM32", StringComparison.Ordinal) == true ? 0 : 1).FirstOrDefault(),
    };
}
