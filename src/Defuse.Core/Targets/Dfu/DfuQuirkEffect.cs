namespace Defuse.Targets.Dfu;

/// <summary>What a quirk changes about how a device is worked with; all that data/quirks.txt can name.</summary>
internal enum DfuQuirkEffect
{
    /// <summary>Nothing: what is done for every device is enough, and the quirk's test shows it.</summary>
    None,

    /// <summary>Asked for its status before bwPollTimeout has passed, it stalls.</summary>
    PollAsReported,

    /// <summary>Block numbers that count up are known to land where they should; others are tried first.</summary>
    ProvenAddressing,

    /// <summary>An erase may stay dfuDNBUSY for ever; figure: ms after which it is over.</summary>
    BusyAfterErase,

    /// <summary>It may come back as the bootloader instead of running the program; figure: ms within which it does.</summary>
    ReturnsAfterLeave,

    /// <summary>Erasing the chip takes long; figure: ms at most, far beyond bwPollTimeout.</summary>
    MassEraseTime,

    /// <summary>The sectors that it announces are wrong; figure: bytes that each has.</summary>
    SectorSize,

    /// <summary>Its third serial number character tells its flash size, where the announced one is wrong; figures: C=bytes.</summary>
    SizeBySerial,

    /// <summary>Its serial number string is UTF-8, not UTF-16.</summary>
    Utf8Serial,

    /// <summary>It may confirm blocks that it never writes: the first one is read back at once.</summary>
    ReadBackFirst,

    /// <summary>Transfers fail on some ports of some computers, and a hub in between helps; figure: ms to pause before one is repeated.</summary>
    WeakLink,
}
