using System.Collections.Immutable;
using Defuse.Simulator.Chips;
using Defuse.Simulator.Roms;

namespace Defuse.Simulator;

/// <summary>A kind of board that can be simulated.</summary>
public sealed class SimulatedBoardModel
{
    internal SimulatedBoardModel(string name, string description, ChipModel chip, BootloaderModel bootloader)
    {
        Name = name;
        Description = description;
        Chip = chip;
        Bootloader = bootloader;
        Options = BoardSettings.OptionsOf(chip);
    }

    /// <summary>Its name in an address: sim:NAME.</summary>
    public string Name { get; }

    /// <summary>What it is, in a few words.</summary>
    public string Description { get; }

    /// <summary>The options that it takes.</summary>
    public ImmutableArray<SimulatedBoardOption> Options { get; }

    internal ChipModel Chip { get; }

    internal BootloaderModel Bootloader { get; }
}
