using Defuse.Images;

namespace Defuse.Targets.Dfu;

/// <summary>One data block of a run.</summary>
/// <param name="Number">wBlockNum; <see cref="DfuSeProtocol.FirstBlock"/> wherever the address pointer is set first.</param>
/// <param name="Range">The addresses that it carries.</param>
internal readonly record struct DfuBlock(ushort Number, AddressRange Range);
