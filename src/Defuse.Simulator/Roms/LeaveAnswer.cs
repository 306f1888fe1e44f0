namespace Defuse.Simulator.Roms;

/// <summary>How much a bootloader still answers when it is told to leave.</summary>
internal enum LeaveAnswer
{
    /// <summary>The DNLOAD and the GETSTATUS, with dfuMANIFEST.</summary>
    GetStatus,

    /// <summary>The DNLOAD; the GETSTATUS makes it leave, and gets no answer (ST's USB device class).</summary>
    DnloadThenAsked,

    /// <summary>The DNLOAD; then it is gone.</summary>
    Dnload,

    /// <summary>Nothing: it is gone in the middle of the DNLOAD.</summary>
    Nothing,
}
