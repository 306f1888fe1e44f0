using System.Collections.Immutable;

namespace Defuse.Simulator.Roms;

/// <summary>What a DfuSe bootloader says of itself, and where it behaves unlike others: a family's ROM, or one that imitates it.</summary>
internal sealed record RomModel : BootloaderModel
{
    /// <summary>bcdUSB.</summary>
    public required ushort UsbRelease { get; init; }

    public ushort VendorId { get; init; } = 0x0483;

    public ushort ProductId { get; init; } = 0xDF11;

    /// <summary>bcdDevice.</summary>
    public required ushort DeviceRelease { get; init; }

    /// <summary>The string iManufacturer.</summary>
    public string Manufacturer { get; init; } = "STMicroelectronics";

    /// <summary>The string iProduct.</summary>
    public required string Product { get; init; }

    /// <summary>wTransferSize of the functional descriptor.</summary>
    public required ushort TransferSize { get; init; }

    /// <summary>The strings of the alternate settings, for a chip as its option bytes have it.</summary>
    public required Func<SimulatedChip, ImmutableArray<string>> AlternateSettings { get; init; }

    /// <summary>The string iSerialNumber.</summary>
    public required Func<SimulatedChip, string> SerialNumber { get; init; }

    /// <summary>Whether the serial number's descriptor holds UTF-8 instead of UTF-16.</summary>
    public bool SerialNumberIsUtf8 { get; init; }

    /// <summary>Whether it has Microsoft's descriptors that bind WinUSB: string 0xEE and a compatible id.</summary>
    public bool AsksForWinUsb { get; init; }

    /// <summary>The commands that it lists, by their first byte; it knows no others.</summary>
    public ImmutableArray<byte> Commands { get; init; } =
        [DfuRequest.GetCommands, DfuRequest.SetAddressPointer, DfuRequest.Erase, DfuRequest.ReadUnprotect];

    public RomPollTimes PollTimes { get; init; } = RomPollTimes.Usual;

    public FunctionalDescriptorAnswer FunctionalDescriptor { get; init; }

    public BusyEndpoint BusyEndpoint { get; init; }

    public ClearStatusAnswer ClearStatusWhenIdle { get; init; }

    public LeaveAnswer LeaveAnswer { get; init; }

    /// <summary>Whether it confirms writes and erases at read-out protection level 1, and does nothing, rather than refuse them.</summary>
    public bool PretendsWhenProtected { get; init; }

    /// <summary>Whether option bytes can be read at read-out protection level 1.</summary>
    public bool ShowsOptionBytesWhenProtected { get; init; }

    /// <summary>
    /// After erasing a sector from this address on it stays dfuDNBUSY: a first CLRSTATUS leads to dfuERROR with errUNKNOWN,
    /// a second to dfuIDLE.
    /// </summary>
    public uint? SticksAfterErasingFrom { get; init; }

    /// <summary>Whether, told to leave while BOOT0 is high, it only starts itself again.</summary>
    public bool LeavesOnlyWithBoot0Low { get; init; }

    /// <summary>What every block's length must be a multiple of.</summary>
    public int BlockMultiple { get; init; } = 1;

    /// <summary>A request that follows the one before within this time may fail; null where none does.</summary>
    public TimeSpan? FailsWithin { get; init; }

    /// <summary>Null for a ROM.</summary>
    public FlashResident? FlashResident { get; init; }

    public override IBoardPeripheral PlugIn(SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings, Action count) =>
        new RomBootloader(this, chip, clock, surroundings, count);

    public override string SerialNumberOf(SimulatedChip chip) => SerialNumber(chip);
}
