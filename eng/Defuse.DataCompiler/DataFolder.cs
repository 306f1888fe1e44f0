namespace Defuse.DataCompiler;

/// <summary>The data files: lines without comments and blanks, by path from the folder.</summary>
internal sealed class DataFolder(IReadOnlyDictionary<string, string> files)
{
    public static DataFolder Read(string path) => new(
        Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories)
            .Where(x => x.EndsWith(".txt", StringComparison.Ordinal) || x.EndsWith(".csv", StringComparison.Ordinal))
            .ToDictionary(x => Path.GetRelativePath(path, x).Replace('\\', '/'), File.ReadAllText, StringComparer.Ordinal));

    /// <summary>The same with one file's text replaced.</summary>
    public DataFolder With(string file, Func<string, string> change) => new(
        files.ToDictionary(x => x.Key, x => string.Equals(x.Key, file, StringComparison.Ordinal) ? change(x.Value) : x.Value, StringComparer.Ordinal));

    public IEnumerable<string> FilesIn(string folder) =>
        files.Keys.Where(x => x.StartsWith($"{folder}/", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    public IEnumerable<DataLine> Lines(string file) =>
        (files.TryGetValue(file, out var text) ? text : "").Split('\n')
            .Select((x, i) => new DataLine(file, i + 1, x.Trim()))
            .Where(x => x.Text.Length > 0 && x.Text[0] != '#');
}
