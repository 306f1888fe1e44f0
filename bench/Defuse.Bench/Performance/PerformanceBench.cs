namespace Defuse.Bench.Performance;

/// <summary>Makes the tables of docs/performance.md.</summary>
internal static class PerformanceBench
{
    /// <summary>What the tables in virtual time are; compared with the document, or put into it.</summary>
    public static async Task<int> RunAsync(string path, bool check)
    {
        var before = await File.ReadAllTextAsync(path);
        var after = Document.With(before, ExactTables.Make());
        if (check)
        {
            Console.WriteLine(before == after ? $"{path} has these tables" : $"{path} has other tables; make them again with: performance");
            return before == after ? 0 : 1;
        }

        await File.WriteAllTextAsync(path, after);
        return 0;
    }
}
