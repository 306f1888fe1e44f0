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

    /// <summary>What a flash cell reads after an erase.</summary>
    public byte ErasedByte { get; init; } = 0xFF;

    /// <summary>How many bytes are programmed in one go; smaller pieces take as long.</summary>
    public required int ProgramUnit { get; init; }

    public required TimeSpan ProgramTime { get; init; }

    public FlashProgramming Programming { get; init; }

    public required TimeSpan MassEraseTime { get; init; }

    public OptionByteModel OptionBytes { get; init; } = OptionByteModel.None;

    public OtpModel? Otp { get; init; }

    public DataEepromModel? DataEeprom { get; init; }

    /// <summary>Four bytes whose meaning ST does not publish, behind the alternate setting "@Device Feature".</summary>
    public uint? DeviceFeature { get; init; }

    public int FlashSize => SingleBank.Sum(x => x.Count * x.Size);

    /// <summary>All that can be seen of the memories, at its addresses.</summary>
    public IEnumerable<ChipWindow> Windows()
    {
        yield return new(ChipMemory.Flash, FlashAddress, 0, FlashSize);
        foreach (var area in OptionBytes.Areas)
        {
            yield return new(ChipMemory.OptionBytes, area.Address, area.Offset, area.Size);
        }

        if (Otp is { } otp)
        {
            yield return new(ChipMemory.Otp, otp.Address, 0, otp.Size);
        }

        if (DataEeprom is { } eeprom)
        {
            yield return new(ChipMemory.DataEeprom, eeprom.Address, 0, eeprom.Size);
        }

        if (DeviceFeature is { } feature)
        {
            yield return new(ChipMemory.DeviceFeature, feature, 0, 4);
        }
    }
}
