namespace Defuse.Formats;

/// <summary>What a file is to say besides the image; each format takes what it has a place for.</summary>
public sealed record FirmwareWriteOptions
{
    /// <summary>Intel HEX and S-record: where execution starts, for a record of type 05 or S7, S8 or S9; null for none.</summary>
    public uint? EntryPoint { get; init; }

    /// <summary>S-record: a text for the S0 record, printable and at most 252 bytes of UTF-8; null for no such record.</summary>
    public string? Header { get; init; }

    /// <summary>DfuSe: the suffix and the target. Plain DFU: the suffix.</summary>
    public DfuSeWriteOptions DfuSe { get; init; } = new();

    /// <summary>UF2: the number of the family that the file is for (<see cref="Uf2Families"/>); null to name none.</summary>
    public uint? Uf2Family { get; init; }

    /// <summary>Raw binary, plain DFU: what stands in the gaps. UF2: what fills a page that the image only has a part of.</summary>
    public byte Fill { get; init; } = 0xFF;
}
