namespace Defuse.Bench.Performance;

/// <summary>A figure that was to be no more than another.</summary>
/// <param name="What">The goal, which several boards may share.</param>
/// <param name="Board">Whose figure it is.</param>
/// <param name="Figure">What was measured.</param>
/// <param name="Limit">What was asked for.</param>
internal sealed record Goal(string What, string Board, double Figure, double Limit)
{
    public bool IsReached => Figure <= Limit;

    /// <summary>A row for each goal, with the boards that come closest and those that miss it.</summary>
    public static string Summary(IEnumerable<Goal> goals)
    {
        var table = new Table("goal", "missed by", "the largest figure", "asked for");
        foreach (var goal in goals.GroupBy(x => x.What, StringComparer.Ordinal))
        {
            var worst = goal.MaxBy(x => x.Figure / Math.Max(x.Limit, 1e-9))!;
            var missed = goal.Where(x => !x.IsReached).Select(x => $"**{x.Board}: {Text(x.Figure)} (≤ {Text(x.Limit)})**").ToList();
            table.Row(goal.Key, missed.Count == 0 ? "none" : string.Join(", ", missed), $"{worst.Board}: {Text(worst.Figure)}", $"≤ {Text(worst.Limit)}");
        }

        return table.ToString();
    }

    private static string Text(double value) => value == Math.Floor(value) ? Table.Number((long)value) : Table.Ratio(value);
}
