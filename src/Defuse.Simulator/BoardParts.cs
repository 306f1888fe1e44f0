using Defuse.Simulator.Chips;
using Defuse.Simulator.Programs;
using Defuse.Simulator.Roms;

namespace Defuse.Simulator;

/// <summary>What a board is put together from.</summary>
/// <param name="Chip">Its chip.</param>
/// <param name="Bootloader">What the chip does on the USB connector.</param>
/// <param name="IsBoot0High">Whether a reset starts the bootloader.</param>
/// <param name="Program">What flash memory holds and a board that is plugged in with BOOT0 low runs; null for a program without USB.</param>
internal sealed record BoardParts(ChipModel Chip, BootloaderModel Bootloader, bool IsBoot0High = true, ProgramModel? Program = null)
{
    public BoardParts WithChip(Func<ChipModel, ChipModel> change) => this with { Chip = change(Chip) };

    public BoardParts WithRom(Func<RomModel, RomModel> change) => this with { Bootloader = change((RomModel)Bootloader) };
}
