namespace Defuse.Diagnostics;

/// <summary>What a line of a diagnosis' text is.</summary>
public enum DiagnosisLineKind
{
    /// <summary>Nothing stands in it.</summary>
    Blank,

    /// <summary>A board's name, and how it is in a few words.</summary>
    Heading,

    /// <summary>What was seen.</summary>
    Seen,

    /// <summary>What is the case.</summary>
    Text,

    /// <summary>What to do next, and the words above it.</summary>
    Next,

    /// <summary>What else can be done.</summary>
    Other,

    /// <summary>A command line, ready to paste.</summary>
    Command,

    /// <summary>A line of a drawing.</summary>
    Drawing,
}
