using System.Collections.Immutable;

namespace Defuse.Simulator.Chips;

/// <summary>Where a chip keeps its option bytes, and the fields of them that change what the chip does.</summary>
internal sealed record OptionByteModel
{
    /// <summary>Option bytes that nobody can reach, and that change nothing.</summary>
    public static OptionByteModel None { get; } = new() { Areas = [], Factory = [], ProgramTime = TimeSpan.Zero };

    /// <summary>What the bootloader lets a host reach.</summary>
    public required ImmutableArray<OptionArea> Areas { get; init; }

    /// <summary>All option bytes as they leave the factory.</summary>
    public required ImmutableArray<byte> Factory { get; init; }

    /// <summary>Null where nothing is told or changed by it.</summary>
    public ReadProtectionByte? ReadProtection { get; init; }

    /// <summary>Null where nothing can be write-protected.</summary>
    public WriteProtectionModel? WriteProtection { get; init; }

    /// <summary>The bit (counted from the first byte on) that is 0 when the flash memory is in two banks; null where there is no choice.</summary>
    public int? SingleBank { get; init; }

    /// <summary>Empty where the area is memory; its registers where it is a window onto registers.</summary>
    public ImmutableArray<OptionRegister> Registers { get; init; } = [];

    /// <summary>What is stored twice; the chip computes the second one (inferred where the chip's manual leaves it to the program).</summary>
    public ImmutableArray<OptionComplement> Complements { get; init; } = [];

    /// <summary>What changing them takes.</summary>
    public required TimeSpan ProgramTime { get; init; }

    /// <summary>Option words, little-endian, each followed by its complement (the layout of L4, G0 and G4).</summary>
    public static ImmutableArray<byte> WordPairs(params ReadOnlySpan<uint> words)
    {
        var bytes = new List<byte>();
        foreach (var word in words)
        {
            bytes.AddRange(BitConverter.GetBytes(word));
            bytes.AddRange(BitConverter.GetBytes(~word));
        }

        return [.. bytes];
    }
}
