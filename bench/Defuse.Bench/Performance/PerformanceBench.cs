namespace Defuse.Bench.Performance;

/// <summary>Makes the tables of docs/performance.md.</summary>
internal static class PerformanceBench
{
    private const string Document = "docs/performance.md";

    /// <summary>Puts the tables in virtual time into the document, and those of this machine where they are asked for.</summary>
    public static async Task<int> MakeAsync(bool ofThisMachine)
    {
        await PutAsync(ExactTables.Make());
        if (ofThisMachine)
        {
            await PutAsync(await MachineTables.MakeAsync());
            return await CheckAsync();
        }

        return 0;
    }

    /// <summary>Whether the document has the tables in virtual time that come out now, and all rows of the others.</summary>
    public static async Task<int> CheckAsync()
    {
        var text = await File.ReadAllTextAsync(Document);
        var ailments = MachineTables.Expected.SelectMany(x => Performance.Document.Ailments(text, x.Name, x.Column, x.Rows)).ToList();
        if (text != Performance.Document.With(text, ExactTables.Make()))
        {
            ailments.Add("the tables in virtual time are not those that come out now");
        }

        foreach (var ailment in ailments)
        {
            Console.WriteLine($"{Document}: {ailment}");
        }

        Console.WriteLine(ailments.Count == 0 ? $"{Document} has the tables that come out now" : $"{Document} has to be made again");
        return ailments.Count == 0 ? 0 : 1;
    }

    private static async Task PutAsync(IEnumerable<(string Name, string Content)> parts) =>
        await File.WriteAllTextAsync(Document, Performance.Document.With(await File.ReadAllTextAsync(Document), parts));
}
