namespace Defuse.Formats;

/// <summary>How unpacking ended.</summary>
internal enum DeflateOutcome
{
    /// <summary>All came out.</summary>
    Complete,

    /// <summary>The packed bytes end before the data do.</summary>
    CutOff,

    /// <summary>The packed bytes make no sense.</summary>
    Damaged,

    /// <summary>More came out than was allowed.</summary>
    TooLarge,
}
