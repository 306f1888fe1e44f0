namespace Defuse.UsbIp;

/// <summary>Which of the three ends a transfer came to.</summary>
internal enum UrbOutcomeKind
{
    /// <summary>The server answered it.</summary>
    Answered,

    /// <summary>It was taken back before it was answered.</summary>
    Unlinked,

    /// <summary>The connection ended first.</summary>
    ConnectionLost,
}
