namespace Defuse.Formats;

/// <summary>A kind of firmware file.</summary>
public enum FirmwareFormat
{
    /// <summary>ST's DFU file with addresses, .dfu (UM0391).</summary>
    DfuSe,

    /// <summary>Intel HEX, .hex or .ihex (Intel's specification, revision A).</summary>
    IntelHex,

    /// <summary>Bytes as they lie in memory, without an address, .bin.</summary>
    Binary,
}
