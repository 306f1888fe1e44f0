using System.Collections.Immutable;
using Defuse.Simulator.Chips;
using Defuse.Simulator.Roms;

namespace Defuse.Simulator;

/// <summary>A kind of board that can be simulated.</summary>
public sealed class SimulatedBoardModel
{
    internal SimulatedBoardModel(
        string name, string description, ChipModel chip, BootloaderModel bootloader, params ImmutableArray<BoardVariant> variants)
    {
        Name = name;
        Description = description;
        Variants = variants;
        Parts = new(chip, bootloader);
        Options = BoardSettings.OptionsOf(this);
    }

    /// <summary>Its name in an address: sim:NAME.</summary>
    public string Name { get; }

    /// <summary>What it is, in a few words.</summary>
    public string Description { get; }

    /// <summary>The options that it takes.</summary>
    public ImmutableArray<SimulatedBoardOption> Options { get; }

    internal ImmutableArray<BoardVariant> Variants { get; }

    /// <summary>What it is made of; the first value of a variant changes nothing.</summary>
    internal BoardParts Parts { get; }
}
