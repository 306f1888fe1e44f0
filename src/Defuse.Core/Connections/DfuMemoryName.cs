namespace Defuse.Connections;

/// <summary>An alternate setting of a DFU interface: what one memory of the device, or one place for an image, is called.</summary>
/// <param name="Number">bAlternateSetting.</param>
/// <param name="Name">Its string as the device sends it, up to the first NUL; null if it has none, or does not tell.</param>
public sealed record DfuMemoryName(byte Number, string? Name);
