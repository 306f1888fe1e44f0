namespace Defuse.Simulator.Chips;

/// <summary>The memories that a ROM bootloader lets a host reach.</summary>
internal enum ChipMemory
{
    Flash,
    OptionBytes,
    Otp,
    DeviceFeature,
}
