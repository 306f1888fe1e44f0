namespace Defuse.Simulator.Chips;

/// <summary>The memories that a bootloader lets a host reach.</summary>
internal enum ChipMemory
{
    Flash,
    OptionBytes,
    Otp,
    DataEeprom,
    DeviceFeature,
}
