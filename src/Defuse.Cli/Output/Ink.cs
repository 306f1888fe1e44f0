namespace Defuse.Cli.Output;

/// <summary>What colour says about a piece of data; without colour, the words say it too.</summary>
internal enum Ink
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>It is in the first of two only.</summary>
    First,

    /// <summary>It is in the second of two only.</summary>
    Second,
}
