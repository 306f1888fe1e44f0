namespace Defuse.Formats;

/// <summary>A kind of firmware file.</summary>
public enum FirmwareFormat
{
    /// <summary>ST's DFU file with addresses, .dfu (UM0391).</summary>
    DfuSe,

    /// <summary>Bytes without an address, and a DFU suffix, .dfu (DFU 1.1, appendix B).</summary>
    Dfu,

    /// <summary>Intel HEX, .hex or .ihex (Intel's specification, revision A).</summary>
    IntelHex,

    /// <summary>Motorola S-record, .srec, .s19, .s28, .s37 or .mot.</summary>
    SRecord,

    /// <summary>A linker's output for ARM, .elf, .axf or .out (ELF32, little-endian).</summary>
    Elf,

    /// <summary>Microsoft's blocks for bootloaders that show a drive, .uf2.</summary>
    Uf2,

    /// <summary>Texas Instruments' hexadecimal text, .txt.</summary>
    TiText,

    /// <summary>Bytes as they lie in memory, without an address, .bin.</summary>
    Binary,
}
