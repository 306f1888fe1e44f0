namespace Defuse.Simulator.Roms;

/// <summary>What is different about a bootloader that lives in flash memory and starts one fixed program.</summary>
/// <param name="OwnSize">Bytes at the beginning of the flash memory it shows that are its own; it refuses to change them.</param>
/// <param name="ProgramAddress">Where the program's vectors are, whatever the address pointer says.</param>
/// <param name="Refusal">The text that iString names after it refused; null where it says none.</param>
internal sealed record FlashResident(int OwnSize, uint ProgramAddress, string? Refusal = null);
