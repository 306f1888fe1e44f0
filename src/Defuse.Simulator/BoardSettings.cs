using System.Collections.Immutable;
using System.Globalization;
using Defuse.Simulator.Chips;
using Defuse.Simulator.Faults;

namespace Defuse.Simulator;

/// <summary>A board's options, read from text.</summary>
internal sealed record BoardSettings
{
    private static readonly SimulatedBoardOption Bank = new(
        "bank", "single, dual", "how the option bit nDBANK divides the flash memory");

    private static readonly SimulatedBoardOption Rdp = new("rdp", "0, 1", "the level of read-out protection");

    private static readonly SimulatedBoardOption Wrp = new(
        "wrp", "none, or sector numbers such as 4,5", "the sectors that are write-protected, and no others");

    private static readonly SimulatedBoardOption Time = new(
        "time", "0 to 1", "how much real time the board's time takes; 0, the default, is none");

    private static readonly SimulatedBoardOption Fresh = new(
        "fresh", "true, false", "whether to forget what an earlier use left, and start with a blank board");

    private static readonly SimulatedBoardOption Fault = new(
        "fault", "a fault script such as unplug@write:12345", "what goes wrong, and where; nothing, by default");

    public bool? DualBank { get; private init; }

    public int? ReadProtection { get; private init; }

    public ImmutableArray<int>? WriteProtection { get; private init; }

    public double Scale { get; private init; }

    public bool StartsFresh { get; private init; }

    public FaultScript Faults { get; private init; } = FaultScript.None;

    public static ImmutableArray<SimulatedBoardOption> OptionsOf(ChipModel chip) =>
        chip.OptionBytes.SingleBank is null ? [Rdp, Wrp, Time, Fresh, Fault] : [Bank, Rdp, Wrp, Time, Fresh, Fault];

    /// <exception cref="SimulatedBoardException">An option is unknown, or a value is.</exception>
    public static BoardSettings Parse(SimulatedBoardModel board, IReadOnlyDictionary<string, string> options)
    {
        var settings = new BoardSettings();
        foreach (var (name, value) in options)
        {
            var option = board.Options.FirstOrDefault(x => x.Name == name)
                ?? throw new SimulatedBoardException(
                    $"the simulated board {board.Name} has no option '{name}'",
                    $"Its options are {string.Join(", ", board.Options.Select(x => x.Name))}.");
            settings = With(settings, option, value)
                ?? throw new SimulatedBoardException(
                    $"the option {name} of the simulated board {board.Name} cannot be '{value}'",
                    $"It takes {option.Values}.");
        }

        return settings;
    }

    private static BoardSettings? With(BoardSettings settings, SimulatedBoardOption option, string value)
    {
        if (option == Bank)
        {
            return value is "single" or "dual" ? settings with { DualBank = value == "dual" } : null;
        }

        if (option == Rdp)
        {
            return value is "0" or "1" ? settings with { ReadProtection = value == "1" ? 1 : 0 } : null;
        }

        if (option == Wrp)
        {
            return Sectors(value) is { } sectors ? settings with { WriteProtection = sectors } : null;
        }

        if (option == Fresh)
        {
            return value is "true" or "false" ? settings with { StartsFresh = value == "true" } : null;
        }

        if (option == Fault)
        {
            return settings with { Faults = FaultScript.Parse(value) };
        }

        return double.TryParse(value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var scale) && scale <= 1
            ? settings with { Scale = scale }
            : null;
    }

    private static ImmutableArray<int>? Sectors(string value)
    {
        if (value == "none")
        {
            return [];
        }

        var sectors = ImmutableArray.CreateBuilder<int>();
        foreach (var part in value.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var sector))
            {
                return null;
            }

            sectors.Add(sector);
        }

        return sectors.ToImmutable();
    }
}
