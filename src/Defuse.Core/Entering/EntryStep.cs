namespace Defuse.Entering;

/// <summary>What happens while a board is taken to DFU mode.</summary>
public enum EntryStep
{
    /// <summary>Its program is asked.</summary>
    Asking,

    /// <summary>It did not do it in this way.</summary>
    Declined,

    /// <summary>It was asked; the board is waited for.</summary>
    Waiting,

    /// <summary>It is there in DFU mode.</summary>
    Entered,
}
