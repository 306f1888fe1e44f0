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

    /// <summary>What ails a table of a part: rows that it lacks, by the text of one column, and cells with nothing in them.</summary>
    /// <exception cref="InvalidOperationException">The document has no place for it.</exception>
    public static IEnumerable<string> Ailments(string text, string name, int column, IEnumerable<string> expected)
    {
        var lines = Part(text, name).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        var rows = lines.Skip(2).Select(x => x.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries)).ToList();
        foreach (var row in expected.Where(x => !rows.Any(y => column < y.Length && y[column] == x)))
        {
            yield return $"'{name}' has no row '{row}'";
        }

        foreach (var row in rows.Where(x => x.Length != lines[0].Trim().Trim('|').Split('|').Length || x.Any(string.IsNullOrEmpty)))
        {
            yield return $"'{name}' has an empty cell in the row '{row[0]}'";
        }
    }

    private static string Part(string text, string name)
    {
        var begin = $"<!-- begin {name} -->\n";
        var from = text.IndexOf(begin, StringComparison.Ordinal);
        var to = text.IndexOf($"<!-- end {name} -->", StringComparison.Ordinal);
        return from >= 0 && to > from ? text[(from + begin.Length)..to] : throw new InvalidOperationException($"The document has no part '{name}'.");
    }
}
