namespace Defuse.Formats;

/// <summary>What a file is to say besides the image; each format takes what it has a place for.</summary>
public sealed record FirmwareWriteOptions
{
    /// <summary>Intel HEX: where execution starts, written as a type 05 record; null for none.</summary>
    public uint? EntryPoint { get; init; }

    /// <summary>DfuSe: the suffix and the target.</summary>
    public DfuSeWriteOptions DfuSe { get; init; } = new();

    /// <summary>Raw binary: what stands in the gaps.</summary>
    public byte Fill { get; init; } = 0xFF;
}
