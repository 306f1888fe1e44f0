using System.Collections.Immutable;
using Defuse.Devices;

namespace Defuse.Diagnostics;

/// <summary>What a bootloader said of itself and its chip when it was opened, and left as it was.</summary>
public sealed record DfuCondition
{
    /// <summary>Where it is plugged in.</summary>
    public required string Location { get; init; }

    /// <summary>The address that Defuse opens it by.</summary>
    public required string Address { get; init; }

    /// <summary>bState when it was found (USB DFU 1.1, section 6.1.2); null if it did not say. 10 is dfuERROR.</summary>
    public int? State { get; init; }

    /// <summary>bStatus that goes with dfuERROR; null otherwise.</summary>
    public int? Status { get; init; }

    /// <summary>The names of the alternate settings, as they came.</summary>
    public ImmutableArray<string> Memories { get; init; } = [];

    /// <summary>The chips that it may be, by name, the likeliest first.</summary>
    public ImmutableArray<string> Chips { get; init; } = [];

    /// <summary>Read-out protection; null if it is not known.</summary>
    public ReadOutProtection? ReadOut { get; init; }

    /// <summary>The write-protected sectors, by number; empty if there are none or it is not known.</summary>
    public ImmutableArray<int> WriteProtected { get; init; } = [];

    /// <summary>Whether the flash is used as two banks; null if the chip has no such choice, or it could not be read.</summary>
    public bool? IsDualBank { get; init; }

    /// <summary>Whether the chip has the choice between single and dual bank, and it could not be read.</summary>
    public bool IsBankModeInDoubt { get; init; }

    /// <summary>Why it could not be opened or asked; null if it could.</summary>
    public string? Problem { get; init; }

    /// <summary>What to do about the problem.</summary>
    public string? Remedy { get; init; }
}
