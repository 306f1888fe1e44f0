namespace Defuse.Inspection;

/// <summary>Why an image is not for a chip.</summary>
public enum ChipMisfitKind
{
    /// <summary>Bytes lie outside its flash.</summary>
    Outside,

    /// <summary>Bytes lie outside every known chip's flash: in memory beside the chip, or nowhere.</summary>
    External,

    /// <summary>The initial stack pointer lies outside its RAM.</summary>
    StackPointer,

    /// <summary>The image's own words name another chip.</summary>
    Named,

    /// <summary>What the file says outside its image names another chip.</summary>
    MadeFor,
}
