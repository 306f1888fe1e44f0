namespace Defuse.Simulator.Roms;

/// <summary>What a bootloader makes of a request that comes while it erases or programs.</summary>
internal enum BusyEndpoint
{
    /// <summary>It answers GETSTATUS with dfuDNBUSY.</summary>
    Answers,

    /// <summary>It answers nothing while it erases everything, and so late.</summary>
    BlockedByMassErase,

    /// <summary>It answers nothing while it erases.</summary>
    BlockedByErase,

    /// <summary>It answers nothing while it works at all.</summary>
    Blocked,

    /// <summary>It refuses GETSTATUS with STALL, and goes on.</summary>
    Stalls,
}
