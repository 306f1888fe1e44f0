namespace Defuse.Cli;

/// <summary>Guesses what a misspelt word was to be.</summary>
internal static class Spelling
{
    private const int MostEdits = 3;

    public static string? Nearest(string word, IEnumerable<string> known)
    {
        var best = known.Select(x => (Word: x, Edits: Edits(word, x))).DefaultIfEmpty((Word: "", Edits: int.MaxValue)).MinBy(x => x.Edits);
        return best.Edits <= Math.Min(MostEdits, word.Length / 2) ? best.Word : null;
    }

    // Levenshtein's distance.
    private static int Edits(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[^1];
    }
}
