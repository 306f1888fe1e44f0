namespace Defuse.Platform.Windows;

/// <summary>What a device was before WinUSB was bound to it.</summary>
/// <param name="InstanceId">The device.</param>
/// <param name="Service">The service that drove it; null if no driver was bound.</param>
/// <param name="Inf">The driver's file in Windows' folder INF ("oem12.inf"); null if no driver was bound, or Windows does not tell.</param>
internal sealed record DriverRecord(string InstanceId, string? Service, string? Inf);
