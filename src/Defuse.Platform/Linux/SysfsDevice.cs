using System.Collections.Immutable;
using Defuse.Diagnostics;
using Defuse.Transports;

namespace Defuse.Platform.Linux;

/// <summary>A USB device with all that sysfs tells of it.</summary>
/// <param name="Info">What hosts tell of it.</param>
/// <param name="Interfaces">Its interfaces, with their drivers.</param>
/// <param name="Driver">The driver of the device as a whole.</param>
/// <param name="Node">The node that it is opened by; null if that is not known.</param>
/// <param name="Number">The node's MAJOR:MINOR.</param>
internal sealed record SysfsDevice(UsbDeviceInfo Info, ImmutableArray<SeenInterface> Interfaces, string? Driver, string? Node, string? Number);
