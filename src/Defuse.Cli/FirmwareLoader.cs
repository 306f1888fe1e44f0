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
    /// <summary>Opens a firmware file, and tells of its oddities.</summary>
    public static async Task<FirmwareFile> LoadAsync(
        CommandContext context, string path, FileAllowances allow, uint? address, CancellationToken cancellationToken)
    {
        context.File = path;
        var bytes = await FirmwareSource.ReadAsync(path, cancellationToken).ConfigureAwait(false);
        var file = FirmwareFile.Parse(
            bytes,
            new FirmwareReadOptions
            {
                Allow = allow,

                // Who says where the bytes go means them.
                AllowText = address is not null,
            });
        if (address is not null && !file.NeedsAddress)
        {
            throw new UsageException(
                $"--address is for raw bytes, and {path} says by itself where its bytes belong",
                "leave --address out; to move the bytes, make a .bin of them first");
        }

        if (address is { } start && file.Image.ByteCount > AddressRange.AddressSpaceEnd - start)
        {
            throw new UsageException(string.Create(CultureInfo.InvariantCulture, $"{file.Image.ByteCount:N0} bytes at 0x{start:X8} would end past 0xFFFFFFFF"));
        }

        foreach (var warning in file.Warnings)
        {
            context.Printer.Warning(warning);
        }

        return file;
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
        TargetName = file.Targets is [var target, ..] ? target.Name : null,
    };
}
