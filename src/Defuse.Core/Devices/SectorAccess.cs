namespace Defuse.Devices;

/// <summary>What may be done with a sector; the values are the low bits of the layout string's letter (UM0424, section 4.3.2).</summary>
[Flags]
public enum SectorAccess
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It can be read.</summary>
    Readable = 1,

    /// <summary>It can be erased.</summary>
    Erasable = 2,

    /// <summary>It can be written.</summary>
    Writable = 4,

    /// <summary>All of it, as flash has it: letter g.</summary>
    All = Readable | Erasable | Writable,
}
