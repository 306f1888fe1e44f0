using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Formats;

/// <summary>One target of a DfuSe file: what belongs in one of the device's memories (UM0391, section 2.3.2).</summary>
/// <param name="AlternateSetting">The alternate setting of the DFU interface that takes it, 0 to 255.</param>
/// <param name="Name">The target's name, printable; null if it has none.</param>
/// <param name="Elements">Where its elements belong, in the file's order; empty elements are left out.</param>
public sealed record DfuSeTarget(byte AlternateSetting, string? Name, ImmutableArray<AddressRange> Elements);
