using System.Collections.Immutable;
using System.Globalization;

namespace Defuse.Compatibility;

/// <summary>All that all tools do with one board.</summary>
internal static class Examination
{
    public static async Task<ImmutableDictionary<(string Tool, Operation Operation), Verdict>> OfAsync(Row row, IReadOnlyList<ITool> tools, ITool impatient, double scale, int number)
    {
        var folder = Directory.CreateTempSubdirectory("compatibility");
        try
        {
            var stand = new Stand(row, scale, folder.FullName, number);
            await using var closing = stand.ConfigureAwait(false);
            var cells = ImmutableDictionary.CreateBuilder<(string, Operation), Verdict>();
            foreach (var tool in tools)
            {
                foreach (var operation in Enum.GetValues<Operation>())
                {
                    if (operation == Operation.Unprotect && !row.CanBeProtected)
                    {
                        cells[(tool.Name, operation)] = Verdict.None;
                        continue;
                    }

                    await stand.PrepareAsync().ConfigureAwait(false);
                    var started = TimeProvider.System.GetTimestamp();
                    var verdict = operation == Operation.ReadOthers && !await WriteAsync(tools.First(x => x != tool), stand).ConfigureAwait(false)
                        ? Verdict.None
                        : await tool.RunAsync(operation, stand).ConfigureAwait(false);
                    cells[(tool.Name, operation)] = verdict;
                    var seconds = TimeProvider.System.GetElapsedTime(started).TotalSeconds;
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    {row.Title}: {operation} by {tool.Name}: {verdict.Word} ({seconds:0.0} s)"));
                }
            }

            await stand.PrepareAsync().ConfigureAwait(false);
            cells[(impatient.Name, Operation.Start)] = await impatient.RunAsync(Operation.Start, stand).ConfigureAwait(false);
            return cells.ToImmutable();
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Where it cannot write there is nothing to read.
    private static async Task<bool> WriteAsync(ITool other, Stand stand)
    {
        await other.RunAsync(Operation.Flash, stand).ConfigureAwait(false);
        return stand.HoldsImageBytes();
    }
}
