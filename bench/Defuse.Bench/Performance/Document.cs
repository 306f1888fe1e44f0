namespace Defuse.Bench.Performance;

/// <summary>A document of which parts are made: what is between two comments that name the part.</summary>
internal static class Document
{
    /// <summary>Puts parts in their places.</summary>
    /// <exception cref="InvalidOperationException">The document has no place for one.</exception>
    public static string With(string text, IEnumerable<(string Name, string Content)> parts)
    {
        foreach (var (name, content) in parts)
        {
            var begin = $"<!-- begin {name} -->\n";
            var end = $"<!-- end {name} -->";
            var from = text.IndexOf(begin, StringComparison.Ordinal);
            var to = text.IndexOf(end, StringComparison.Ordinal);
            if (from < 0 || to < from)
            {
                throw new InvalidOperationException($"The document has no part '{name}'.");
            }

            text = string.Concat(text.AsSpan(0, from + begin.Length), content, text.AsSpan(to));
        }

        return text;
    }
}
