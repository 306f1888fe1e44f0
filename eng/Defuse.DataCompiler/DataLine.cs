namespace Defuse.DataCompiler;

/// <summary>A line of a data file.</summary>
internal sealed record DataLine(string File, int Number, string Text)
{
    /// <summary>The parts between upright bars.</summary>
    public string[] Cells => Text.Split('|', StringSplitOptions.TrimEntries);
}
