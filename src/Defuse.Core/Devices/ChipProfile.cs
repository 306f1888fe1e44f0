using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>What is known of a chip, whatever it is connected through.</summary>
public sealed record ChipProfile
{
    /// <summary>DEV_ID of DBGMCU_IDCODE.</summary>
    public required ushort Id { get; init; }

    /// <summary>The lines that share the id ("STM32F76x/F77x").</summary>
    public required string Name { get; init; }

    /// <summary>How part numbers of these lines begin, without "STM32" ("F767").</summary>
    public required ImmutableArray<string> Lines { get; init; }

    /// <summary>Every way that its main flash can be cut into sectors.</summary>
    public required ImmutableArray<FlashLayout> Layouts { get; init; }

    /// <summary>RAM, as addresses a stack pointer may start from.</summary>
    public required ImmutableArray<AddressRange> Ram { get; init; }

    /// <summary>The smallest piece that is programmed at once, in bytes; data is padded to it.</summary>
    public required int WriteUnit { get; init; }

    /// <summary>What an erased byte reads as.</summary>
    public required byte ErasedByte { get; init; }

    /// <summary>bcdDevice of the ROM's USB device, as seen.</summary>
    public required ImmutableArray<ushort> DeviceReleases { get; init; }

    /// <summary>Where the ROM shows the option bytes.</summary>
    public required uint OptionBytes { get; init; }

    /// <summary>The option bit that says how flash is organised; null if there is only one way.</summary>
    public BankModeBit? BankMode { get; init; }

    /// <summary>Where the figures are from.</summary>
    public required string Source { get; init; }

    /// <summary>Whether a part number may be one of this chip's; "STM32F7" and "STM32F76x" leave it open.</summary>
    public bool Includes(string part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return part.StartsWith("STM32", StringComparison.OrdinalIgnoreCase) && Lines.Any(x => Agree(x, part.AsSpan(5)));
    }

    private static bool Agree(string line, ReadOnlySpan<char> part)
    {
        for (var i = 0; i < line.Length && i < part.Length; i++)
        {
            if (part[i] is not ('x' or 'X') && char.ToUpperInvariant(part[i]) != line[i])
            {
                return false;
            }
        }

        return true;
    }
}
