using System.Collections.Immutable;
using Defuse.Simulator.Chips;
using Defuse.Simulator.PlainDfu;
using Defuse.Simulator.Roms;

namespace Defuse.Simulator;

/// <summary>The boards that can be simulated.</summary>
public static class SimulatedBoardCatalog
{
    /// <summary>All of them.</summary>
    public static ImmutableArray<SimulatedBoardModel> Boards { get; } =
    [
        new("nucleo-f767zi", "NUCLEO-F767ZI: STM32F767ZI, 2 MB, ROM bootloader on the user USB connector", Stm32F767.Model, RomModels.Stm32F767),
        new("nucleo-h743zi", "NUCLEO-H743ZI: STM32H743ZI, 2 MB, ROM bootloader on the user USB connector", Stm32H743.Model, RomModels.Stm32H743),
        new("pybv11", "Pyboard v1.1: STM32F405RG, 1 MB, ROM bootloader with the DFU pad at 3.3 V", Stm32F405.Model, RomModels.Stm32F405),
        new("maple", "Maple Mini: STM32F103CB, STM32duino's bootloader (DFU 1.1, 1EAF:0003)", Stm32F103.Model, PlainDfuModels.Maple),
        new("dfu11-tolerant", "a plain DFU 1.1 device that is manifestation tolerant", Stm32F103.Model, PlainDfuModels.Tolerant),
        new("dfu11-detach", "a plain DFU 1.1 device whose program has a run-time interface that detaches", Stm32F103.Model, PlainDfuModels.Detaching),
    ];

    /// <summary>Makes a board. It is unplugged, and its file untouched, until it is attached or its chip is asked for.</summary>
    /// <param name="name">Its model's <see cref="SimulatedBoardModel.Name"/>.</param>
    /// <param name="instance">Which one of its kind, from 0; each has its own memory and unique device identifier.</param>
    /// <param name="options">The options of <see cref="SimulatedBoardModel.Options"/>, by name. They apply when the board is first used.</param>
    /// <param name="folder">Where its memories are kept; null for a board that is blank, and forgotten with the process.</param>
    /// <param name="mode">What moves its time; the option "time" is the scale.</param>
    /// <param name="real">Real time; the system's if null.</param>
    /// <exception cref="SimulatedBoardException">There is no such board, option or value.</exception>
    public static SimulatedBoard Create(
        string name,
        int instance,
        IReadOnlyDictionary<string, string> options,
        SimulatedBoardFolder? folder,
        VirtualClockMode mode,
        TimeProvider? real = null)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfNegative(instance);
        var model = Boards.FirstOrDefault(x => string.Equals(x.Name, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new SimulatedBoardException(
                $"there is no simulated board '{name}'",
                $"The simulated boards are {string.Join(", ", Boards.Select(x => x.Name))}.");
        var settings = BoardSettings.Parse(model, options);
        var clock = mode == VirtualClockMode.Following
            ? VirtualClock.Following(settings.Scale, real)
            : VirtualClock.Stepped(settings.Scale, real);
        return new SimulatedBoard(model, instance, settings, folder, clock);
    }
}
