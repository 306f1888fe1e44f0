using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Cli;

/// <summary>What --keep named.</summary>
/// <param name="Unwritten">Whether all is kept that the file has no bytes for.</param>
/// <param name="Ranges">Ranges that are kept.</param>
internal sealed record KeepChoice(bool Unwritten, ImmutableArray<AddressRange> Ranges)
{
    /// <summary>The word for all that the file has no bytes for.</summary>
    public const string Everything = "unwritten";
}
