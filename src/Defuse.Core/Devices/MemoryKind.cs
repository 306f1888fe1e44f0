namespace Defuse.Devices;

/// <summary>What kind of memory a region is, told by its name, its place and what may be done with it.</summary>
public enum MemoryKind
{
    /// <summary>Something else; it is only read.</summary>
    Other,

    /// <summary>Flash: erased, then written.</summary>
    Flash,

    /// <summary>Data EEPROM (STM32L0, STM32L1): written as it is, without an erase.</summary>
    DataEeprom,

    /// <summary>One-time programmable memory: a bit goes from 1 to 0, and never back.</summary>
    Otp,

    /// <summary>Option bytes; only read.</summary>
    OptionBytes,
}
