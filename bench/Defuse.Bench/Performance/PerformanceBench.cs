namespace Defuse.Bench.Performance;

/// <summary>Makes the tables of docs/performance.md.</summary>
internal static class PerformanceBench
{
    private const string Document = "docs/performance.md";

    /// <summary>Puts the tables in virtual time into the document, and those of this machine where they are asked for.</summary>
    public static async Task<int> MakeAsync(bool ofThisMachine)
    {
        var text = Performance.Document.With(await File.ReadAllTextAsync(Document), ExactTables.Make());
        await File.WriteAllTextAsync(Document, ofThisMachine ? Performance.Document.With(text, await MachineTables.MakeAsync()) : text);
        return 0;
    }

    /// <summary>Whether the document has the tables in virtual time that come out now.</summary>
    public static async Task<int> CheckAsync()
    {
        var text = await File.ReadAllTextAsync(Document);
        var isSame = text == Performance.Document.With(text, ExactTables.Make());
        Console.WriteLine(isSame ? $"{Document} has the tables that come out now" : $"{Document} has other tables than come out now; make it again");
        return isSame ? 0 : 1;
    }
}
