namespace Defuse.Connections;

/// <summary>When opening a board may ask the program that it runs for DFU mode.</summary>
public enum ProgramEntry
{
    /// <summary>Never: programs are left alone, and their boards do not open.</summary>
    Never,

    /// <summary>When the board is named by its address.</summary>
    Named,

    /// <summary>Also when no board is named, none is in DFU mode, and one alone runs a program that is known.</summary>
    OnlyOne,
}
