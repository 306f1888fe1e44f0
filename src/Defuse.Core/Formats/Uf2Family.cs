namespace Defuse.Formats;

/// <summary>A family of microcontrollers, as UF2 files name it.</summary>
/// <param name="Id">The number in the file.</param>
/// <param name="Name">The name that its list gives it, such as "STM32F407VG" or "RP2040".</param>
/// <param name="Maker">Who makes these chips.</param>
/// <param name="Series">The series of chips that this program may know, such as "STM32F4"; null for chips that are nothing like an STM32.</param>
public sealed record Uf2Family(uint Id, string Name, string Maker, string? Series = null)
{
    /// <summary>Whether its chips are STM32, or were made after them.</summary>
    public bool IsStm32Like => Series is not null;
}
