using System.Collections.Immutable;

namespace Defuse.Simulator.Roms;

/// <summary>What a family's ROM bootloader says of itself, and where it behaves unlike others.</summary>
internal sealed record RomModel : BootloaderModel
{
    /// <summary>bcdUSB.</summary>
    public required ushort UsbRelease { get; init; }

    /// <summary>bcdDevice.</summary>
    public required ushort DeviceRelease { get; init; }

    /// <summary>The string iProduct.</summary>
    public required string Product { get; init; }

    /// <summary>wTransferSize of the functional descriptor.</summary>
    public required ushort TransferSize { get; init; }

    /// <summary>The strings of the alternate settings, for a chip as its option bytes have it.</summary>
    public required Func<SimulatedChip, ImmutableArray<string>> AlternateSettings { get; init; }

    /// <summary>The string iSerialNumber.</summary>
    public required Func<SimulatedChip, string> SerialNumber { get; init; }

    public RomPollTimes PollTimes { get; init; } = RomPollTimes.Usual;

    /// <summary>Whether it sends the functional descriptor on its own when asked.</summary>
    public bool AnswersFunctionalDescriptor { get; init; }

    /// <summary>Whether it answers nothing while it erases, and so a GETSTATUS late.</summary>
    public bool ErasesWithEndpointBlocked { get; init; }

    /// <summary>Whether CLRSTATUS in an idle state is taken, and leads to dfuIDLE, rather than refused.</summary>
    public bool ToleratesClearStatus { get; init; } = true;

    public override IBoardPeripheral PlugIn(SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings, Action count) =>
        new RomBootloader(this, chip, clock, surroundings, count);

    public override string SerialNumberOf(SimulatedChip chip) => SerialNumber(chip);
}
