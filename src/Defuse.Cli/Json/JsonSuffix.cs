namespace Defuse.Cli.Json;

/// <summary>A DFU suffix, in hexadecimal.</summary>
internal sealed record JsonSuffix(string VendorId, string ProductId, string DeviceRelease, string DfuVersion, string Crc, bool CrcIsValid);
