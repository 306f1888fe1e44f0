namespace Defuse.Simulator.Chips;

/// <summary>The external flash memory of a Daisy Seed, an IS25LP064A, as far as its bootloader shows it.</summary>
/// <remarks>Times after the memory's data sheet, typical; from memory, not re-read.</remarks>
internal static class DaisyFlash
{
    public static ChipModel Model { get; } = new()
    {
        Name = "STM32H750IB with IS25LP064A",
        IdCode = Stm32H743.RevisionV,
        FlashAddress = 0x9000_0000,
        SingleBank =
        [
            new(64, 4 * 1024, TimeSpan.FromMilliseconds(70)),
            new(120, 64 * 1024, TimeSpan.FromMilliseconds(200)),
        ],

        // Pages of 256 bytes.
        ProgramUnit = 256,
        ProgramTime = TimeSpan.FromMilliseconds(0.2),
        MassEraseTime = TimeSpan.FromSeconds(16),
    };
}
