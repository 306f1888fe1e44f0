namespace Defuse.Cli.Output;

/// <summary>A chip's memories as boxes, the lowest address at the bottom, as reference manuals draw them.</summary>
internal static class MemoryDrawing
{
    private const int Inside = 34;

    /// <param name="blocks">The memories, in any order; where two overlap, both are drawn.</param>
    public static IEnumerable<string> Draw(IEnumerable<MemoryBox> blocks)
    {
        var sorted = blocks.OrderByDescending(x => x.Range).ToList();
        for (var i = 0; i < sorted.Count; i++)
        {
            var box = sorted[i];
            var touches = i > 0 && sorted[i - 1].Range.Start == box.Range.End;
            yield return $"{Texts.Address(box.Range.Last)}  {(touches ? '├' : '┌')}{new string('─', Inside)}{(touches ? '┤' : '┐')}";
            foreach (var line in box.Lines)
            {
                yield return $"            │ {line.PadRight(Inside - 2)} │";
            }

            if (i + 1 == sorted.Count || sorted[i + 1].Range.End != box.Range.Start)
            {
                yield return $"{Texts.Address(box.Range.Start)}  └{new string('─', Inside)}┘";
                if (i + 1 < sorted.Count)
                {
                    yield return "";
                }
            }
        }
    }
}
