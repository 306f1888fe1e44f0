using System.Collections.Immutable;
using Defuse.Simulator.Roms;

namespace Defuse.Simulator.PlainDfu;

/// <summary>A bootloader that speaks DFU as the USB forum has it (USB DFU 1.1), without ST's addresses and commands.</summary>
internal sealed record PlainDfuModel : BootloaderModel
{
    public required ushort VendorId { get; init; }

    public required ushort ProductId { get; init; }

    /// <summary>bcdDevice.</summary>
    public required ushort DeviceRelease { get; init; }

    public required string Manufacturer { get; init; }

    public required string Product { get; init; }

    /// <summary>The string iSerialNumber, in DFU mode and in its program alike.</summary>
    public required string SerialNumber { get; init; }

    /// <summary>What its alternate settings are called, and where each puts an image; nowhere, if it refuses all.</summary>
    public required ImmutableArray<(string Name, uint? Address)> AlternateSettings { get; init; }

    /// <summary>wTransferSize of the functional descriptor.</summary>
    public required ushort TransferSize { get; init; }

    /// <summary>bcdDFUVersion of the functional descriptor, which nothing that it does depends on.</summary>
    public ushort DfuVersion { get; init; } = 0x0110;

    /// <summary>Whether it sends the image back.</summary>
    public bool CanUpload { get; init; }

    /// <summary>Whether it answers on after it took an image (bitManifestationTolerant).</summary>
    public bool IsManifestationTolerant { get; init; }

    /// <summary>Whether it waits for a bus reset after it took an image; one that does not leaves the bus by itself.</summary>
    public bool WaitsForReset { get; init; }

    /// <summary>idProduct of the program that runs where there is one, and offers DETACH; null if programs have no USB.</summary>
    public ushort? RunTimeProductId { get; init; }

    /// <summary>bwPollTimeout of manifestation, in ms.</summary>
    public int ManifestTime { get; init; } = 10;

    /// <summary>Where the program lives that it starts.</summary>
    public uint ProgramAddress => AlternateSettings.Select(x => x.Address).First(x => x is not null)!.Value;

    public override IBoardPeripheral PlugIn(SimulatedChip chip, VirtualClock clock, IRomSurroundings surroundings, Action count) =>
        RunTimeProductId is not null && HasProgram(chip)
            ? new RunTimeProgram(this, chip, clock, surroundings, count)
            : new PlainDfuDevice(this, chip, clock, surroundings, count);

    public override string SerialNumberOf(SimulatedChip chip) => SerialNumber;

    private bool HasProgram(SimulatedChip chip)
    {
        Span<byte> first = stackalloc byte[4];
        chip.ReadFlash(ProgramAddress, first);
        return first.ContainsAnyExcept((byte)0xFF);
    }
}
