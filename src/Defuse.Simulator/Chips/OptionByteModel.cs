using System.Collections.Immutable;

namespace Defuse.Simulator.Chips;

/// <summary>Where a chip keeps its option bytes, and the fields of them that change what the chip does.</summary>
internal sealed record OptionByteModel
{
    public required uint Address { get; init; }

    /// <summary>The whole area as it leaves the factory.</summary>
    public required ImmutableArray<byte> Factory { get; init; }

    /// <summary>How many bytes of the area the ROM lets a host reach.</summary>
    public required int ReachableSize { get; init; }

    /// <summary>The byte that holds RDP: 0xAA is level 0, 0xCC level 2, all else level 1.</summary>
    public required int ReadProtection { get; init; }

    /// <summary>The nWRP bits in their order, as bit numbers from the area's beginning; 0 protects.</summary>
    public required ImmutableArray<int> WriteProtection { get; init; }

    /// <summary>The bit (numbered alike) that is 0 when the flash memory is in two banks; null where there is no choice.</summary>
    public int? SingleBank { get; init; }

    /// <summary>Empty where the area is memory; its registers where it is a window onto registers.</summary>
    public ImmutableArray<OptionRegister> Registers { get; init; } = [];

    /// <summary>What changing them takes.</summary>
    public required TimeSpan ProgramTime { get; init; }
}
