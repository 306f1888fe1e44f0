namespace Defuse.Diagnostics.Rules;

/// <summary>Sectors that are write-protected.</summary>
internal sealed class WriteProtectedRule : IDiagnosticRule
{
    public string Name => "write-protected";

    public Finding? Examine(SeenBoard board, DiagnosisContext context)
    {
        if (board.Dfu is not { WriteProtected: { IsEmpty: false } sectors })
        {
            return null;
        }

        var one = sectors.Length == 1;
        return new Finding
        {
            Rule = Name,
            Level = FindingLevel.Warning,
            Text = $"{(one ? "Sector" : "Sectors")} {Runs(sectors)} of its flash {(one ? "is" : "are")} write-protected. A file that would change {(one ? "it" : "them")} is refused before anything is erased; others are flashed.",
            Evidence = ["its option bytes"],
            Remedies =
            [
                new Remedy { Text = "See the option bytes", Command = $"defuse option-bytes{Advice.Device(board, context)}" },
                new Remedy { Text = "Take the protection off with a program that writes option bytes (STM32CubeProgrammer); Defuse only reads them" },
            ],
        };
    }

    /// <summary>"0 to 3, 7 and 8".</summary>
    private static string Runs(IEnumerable<int> sectors)
    {
        var runs = new List<(int First, int Last)>();
        foreach (var sector in sectors.Order())
        {
            if (runs.Count > 0 && runs[^1].Last + 1 == sector)
            {
                runs[^1] = (runs[^1].First, sector);
            }
            else
            {
                runs.Add((sector, sector));
            }
        }

        return Advice.Listed(runs.SelectMany(x => x.Last - x.First > 1 ? new[] { $"{x.First} to {x.Last}" } : [.. Enumerable.Range(x.First, x.Last - x.First + 1).Select(y => $"{y}")]));
    }
}
