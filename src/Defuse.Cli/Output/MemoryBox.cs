using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Cli.Output;

/// <summary>One box of a <see cref="MemoryDrawing"/>.</summary>
/// <param name="Range">Where it lies.</param>
/// <param name="Lines">What stands in it.</param>
internal sealed record MemoryBox(AddressRange Range, ImmutableArray<string> Lines);
