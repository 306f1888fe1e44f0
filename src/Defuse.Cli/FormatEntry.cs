using System.Collections.Immutable;
using Defuse.Formats;

namespace Defuse.Cli;

/// <summary>A format as people name it.</summary>
/// <param name="Format">The format.</param>
/// <param name="Name">The word for it in options and in JSON.</param>
/// <param name="Title">What such a file is called, without an article.</param>
/// <param name="IsWritten">Whether such files are written as well as read.</param>
/// <param name="Extensions">The extensions that such a file has, the usual one first.</param>
internal sealed record FormatEntry(FirmwareFormat Format, string Name, string Title, bool IsWritten, params ImmutableArray<string> Extensions)
{
    /// <summary>What such a file is, in a sentence.</summary>
    public string Described => Format == FirmwareFormat.Binary ? Title : $"{(Title[0] is 'A' or 'E' or 'I' or 'O' ? "an" : "a")} {Title}";

    public bool HasExtensionOf(string path) => Extensions.Contains(Path.GetExtension(path), StringComparer.OrdinalIgnoreCase);
}
