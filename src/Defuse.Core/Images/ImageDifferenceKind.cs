namespace Defuse.Images;

/// <summary>How two images differ in a range.</summary>
public enum ImageDifferenceKind
{
    /// <summary>Both hold bytes there, and not the same ones.</summary>
    Differs,

    /// <summary>Only the first image holds bytes there.</summary>
    OnlyInFirst,

    /// <summary>Only the second image holds bytes there.</summary>
    OnlyInSecond,
}
