namespace Defuse.Targets.Dfu;

/// <summary>The kinds of work that a DfuSe device does.</summary>
internal enum DfuWorkKind
{
    /// <summary>A command that only sets something: the address pointer.</summary>
    Command,

    /// <summary>Writing a block.</summary>
    Write,

    /// <summary>Erasing a sector.</summary>
    Erase,

    /// <summary>Erasing all of the main flash.</summary>
    MassErase,
}
