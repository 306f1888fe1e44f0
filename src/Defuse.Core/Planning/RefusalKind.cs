namespace Defuse.Planning;

/// <summary>Why work was refused before anything was changed; most kinds are overridden by the allowance of their name.</summary>
public enum RefusalKind
{
    /// <summary>There is nothing in the image that could be flashed.</summary>
    Image,

    /// <summary>There is evidence that the file was made for another chip.</summary>
    Chip,

    /// <summary>Bytes lie outside the device's flash.</summary>
    Outside,

    /// <summary>Sectors cannot be written, or the chip is read-out protected.</summary>
    Protected,

    /// <summary>The device has no memory that could be worked on so; nothing overrides it.</summary>
    Memory,

    /// <summary>What memory holds could not be saved before it would be overwritten; nothing overrides it.</summary>
    Backup,
}
