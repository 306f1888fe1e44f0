using System.Collections.Immutable;

namespace Defuse.Simulator.Chips;

/// <summary>What is fixed about a chip when it leaves the factory.</summary>
internal sealed record ChipModel
{
    public required string Name { get; init; }

    /// <summary>The DBGMCU_IDCODE register.</summary>
    public required uint IdCode { get; init; }

    public uint FlashAddress { get; init; } = 0x0800_0000;

    public required ImmutableArray<SectorGroup> SingleBank { get; init; }

    /// <summary>The sectors when nDBANK is 0; empty where there is no such bit.</summary>
    public ImmutableArray<SectorGroup> DualBank { get; init; } = [];

    /// <summary>How many bytes are programmed in one go; smaller pieces take as long.</summary>
    public required int ProgramUnit { get; init; }

    public required TimeSpan ProgramTime { get; init; }

    /// <summary>Whether a unit carries an error correction code, and so can be programmed only once after an erase.</summary>
    public bool HasErrorCorrection { get; init; }

    public required TimeSpan MassEraseTime { get; init; }

    public required OptionByteModel OptionBytes { get; init; }

    public OtpModel? Otp { get; init; }

    /// <summary>Four bytes whose meaning ST does not publish, behind the alternate setting "@Device Feature".</summary>
    public uint? DeviceFeature { get; init; }

    public int FlashSize => SingleBank.Sum(x => x.Count * x.Size);
}
