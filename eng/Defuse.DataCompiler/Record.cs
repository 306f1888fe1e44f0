namespace Defuse.DataCompiler;

/// <summary>A chip or a board as its file has it: a heading, and lines "key value | sources".</summary>
internal sealed record Record(DataLine Heading, string Title, IReadOnlyList<Entry> Entries)
{
    public Entry? Find(string key) => Entries.FirstOrDefault(x => string.Equals(x.Key, key, StringComparison.Ordinal));

    public IEnumerable<Entry> All(string key) => Entries.Where(x => string.Equals(x.Key, key, StringComparison.Ordinal));

    /// <summary>Reads a file of records.</summary>
    /// <param name="lines">Its lines.</param>
    /// <param name="kind">The word that headings begin with.</param>
    /// <param name="single">The keys that a record has once at most.</param>
    /// <param name="several">The keys that it may have several of.</param>
    /// <param name="problems">Takes what is wrong.</param>
    public static List<Record> Read(IEnumerable<DataLine> lines, string kind, string[] single, string[] several, Problems problems)
    {
        var records = new List<Record>();
        var entries = new List<Entry>();
        foreach (var line in lines)
        {
            var space = line.Text.IndexOf(' ', StringComparison.Ordinal);
            var key = space < 0 ? line.Text : line.Text[..space];
            var rest = space < 0 ? "" : line.Text[space..].Trim();
            if (string.Equals(key, kind, StringComparison.Ordinal))
            {
                entries = [];
                records.Add(new Record(line, rest, entries));
            }
            else if (records.Count == 0)
            {
                problems.Add(line, $"this stands before the first {kind}");
            }
            else if (!single.Contains(key, StringComparer.Ordinal) && !several.Contains(key, StringComparer.Ordinal))
            {
                problems.Add(line, $"'{key}' is no figure of a {kind}");
            }
            else if (single.Contains(key, StringComparer.Ordinal) && entries.Exists(x => string.Equals(x.Key, key, StringComparison.Ordinal)))
            {
                problems.Add(line, $"{records[^1].Title} has {key} twice");
            }
            else
            {
                var bar = rest.IndexOf('|', StringComparison.Ordinal);
                entries.Add(new Entry(line, key, bar < 0 ? rest : rest[..bar].Trim(), bar < 0 ? "" : rest[(bar + 1)..].Trim()));
            }
        }

        return records;
    }
}
