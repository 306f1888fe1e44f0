namespace Defuse.Simulator.Chips;

/// <summary>Artery's AT32F437xM: 4,032 KB of 4 KB sectors.</summary>
/// <remarks>
/// All of it inferred but the sectors, which its ROM announces: programming as on an STM32F1, whose flash controller this
/// one's is like, times likewise, access protection (FAP) in the first option byte as RDP is there.
/// </remarks>
internal static class At32F437
{
    public static ChipModel Model { get; } = new()
    {
        Name = "AT32F437ZM",
        IdCode = 0x7008_4540,
        SingleBank = [new(1008, 4096, TimeSpan.FromMilliseconds(50))],
        ProgramUnit = 2,
        ProgramTime = TimeSpan.FromMicroseconds(20),
        Programming = FlashProgramming.ErasedUnits,
        MassEraseTime = TimeSpan.FromSeconds(20),
        OptionBytes = new()
        {
            Areas = [new(0x1FFF_C000, 0, 4096)],
            Factory = [0xA5, 0x5A, .. Enumerable.Repeat((byte)0xFF, 4094)],
            ReadProtection = new(0, Level0: 0xA5, Level2: null),
            Complements = [new(0, 1, 1)],
            ProgramTime = TimeSpan.FromMilliseconds(50),
        },
    };
}
