namespace Defuse.Formats;

/// <summary>What a DfuSe file says besides the image.</summary>
public sealed record DfuSeWriteOptions
{
    /// <summary>The USB vendor that the file is for; 0xFFFF for any. ST's ROM is 0x0483.</summary>
    public ushort VendorId { get; init; } = 0x0483;

    /// <summary>The USB product that the file is for; 0xFFFF for any. ST's ROM is 0xDF11.</summary>
    public ushort ProductId { get; init; } = 0xDF11;

    /// <summary>The device's release (bcdDevice) that the file is for; 0xFFFF for any.</summary>
    public ushort DeviceRelease { get; init; } = 0xFFFF;

    /// <summary>The alternate setting that takes the image; 0 is the internal flash of ST's ROM.</summary>
    public byte AlternateSetting { get; init; }

    /// <summary>The target's name, up to 254 bytes of UTF-8 with no NUL; null for none.</summary>
    public string? TargetName { get; init; }
}
