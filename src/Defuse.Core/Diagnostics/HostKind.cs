namespace Defuse.Diagnostics;

/// <summary>An operating system.</summary>
public enum HostKind
{
    /// <summary>None of the others.</summary>
    Other,

    /// <summary>Microsoft Windows.</summary>
    Windows,

    /// <summary>Linux.</summary>
    Linux,

    /// <summary>Apple macOS.</summary>
    MacOs,
}
