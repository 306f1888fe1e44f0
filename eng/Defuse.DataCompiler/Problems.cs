namespace Defuse.DataCompiler;

/// <summary>What is wrong with the data, each with its file and line.</summary>
internal sealed class Problems
{
    private readonly List<string> _all = [];

    public IReadOnlyList<string> All => _all;

    public void Add(DataLine line, string problem) => _all.Add($"data/{line.File}:{line.Number}: {problem}");
}
