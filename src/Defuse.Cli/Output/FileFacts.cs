using System.Collections.Immutable;
using Defuse.Formats;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Cli.Output;

/// <summary>What there is to say about a firmware file.</summary>
internal sealed record FileFacts
{
    private const uint UsualAddress = 0x0800_0000;

    public required string Path { get; init; }

    public required long Size { get; init; }

    public required FirmwareFile File { get; init; }

    public VectorTable? VectorTable { get; private init; }

    public ImmutableArray<string> VectorTableFindings { get; private init; } = [];

    public FirmwareIdentity? Identity { get; private init; }

    /// <summary>The format's short name.</summary>
    public string Format => FormatTable.Of(File.Format).Name;

    /// <summary>Looks into a file; raw bytes are looked at as if they were at the start of flash.</summary>
    public static FileFacts Of(string path, long size, FirmwareFile file)
    {
        var fits = file.Image.ByteCount <= AddressRange.AddressSpaceEnd - UsualAddress;
        var image = file.NeedsAddress && fits ? file.At(UsualAddress).Image : file.Image;
        var table = image.Extent is { } extent ? VectorTable.TryRead(image, extent.Start) : null;
        return new FileFacts
        {
            Path = path,
            Size = size,
            File = file,
            VectorTable = table,
            VectorTableFindings = table?.Check(image) ?? [],
            Identity = FirmwareIdentity.FindAll(image).FirstOrDefault(),
        };
    }
}
