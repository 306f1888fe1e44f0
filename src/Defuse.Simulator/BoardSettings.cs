using System.Collections.Immutable;
using System.Globalization;
using Defuse.Simulator.Faults;

namespace Defuse.Simulator;

/// <summary>A board's options, read from text.</summary>
internal sealed record BoardSettings
{
    private static readonly SimulatedBoardOption Bank = new(
        "bank", "single, dual", "how the option bit nDBANK divides the flash memory");

    private static readonly SimulatedBoardOption Rdp = new("rdp", "0, 1", "the level of read-out protection");

    private static readonly SimulatedBoardOption Wrp = new(
        "wrp", "none, or sector numbers such as 4,5 or 4-9", "the sectors that are write-protected, and no others");

    private static readonly SimulatedBoardOption Time = new(
        "time", "0 to 1", "how much real time the board's time takes; 0, the default, is none");

    private static readonly SimulatedBoardOption Fresh = new(
        "fresh", "true, false", "whether to forget what an earlier use left, and start with a blank board");

    private static readonly SimulatedBoardOption Fault = new(
        "fault", "a fault script such as unplug@write:12345", "what goes wrong, and where; nothing, by default");

    // In the order of the board's variants.
    private ImmutableSortedDictionary<int, BoardVariantValue> Choices { get; init; } = ImmutableSortedDictionary<int, BoardVariantValue>.Empty;

    public bool? DualBank { get; private init; }

    public int? ReadProtection { get; private init; }

    public ImmutableArray<int>? WriteProtection { get; private init; }

    public double Scale { get; private init; }

    public bool StartsFresh { get; private init; }

    public FaultScript Faults { get; private init; } = FaultScript.None;

    public static ImmutableArray<SimulatedBoardOption> OptionsOf(SimulatedBoardModel board)
    {
        var bytes = board.Parts.Chip.OptionBytes;
        return
        [
            .. board.Variants.Select(x => x.Option),
            .. bytes.SingleBank is null ? ImmutableArray<SimulatedBoardOption>.Empty : [Bank],
            .. bytes.ReadProtection is null ? ImmutableArray<SimulatedBoardOption>.Empty : [Rdp],
            .. bytes.WriteProtection is null ? ImmutableArray<SimulatedBoardOption>.Empty : [Wrp],
            Time,
            Fresh,
            Fault,
        ];
    }

    /// <summary>A board's parts with what was chosen.</summary>
    public BoardParts Choose(BoardParts parts) => Choices.Values.Aggregate(parts, (x, value) => value.Change?.Invoke(x) ?? x);

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
            var variant = board.Variants.IndexOf(board.Variants.FirstOrDefault(x => x.Option == option)!);
            settings = (variant < 0 ? With(settings, option, value) : With(settings, variant, board.Variants[variant].Find(value)))
                ?? throw new SimulatedBoardException(
                    $"the option {name} of the simulated board {board.Name} cannot be '{value}'",
                    $"It takes {option.Values}.");
        }

        return settings;
    }

    private static BoardSettings? With(BoardSettings settings, int variant, BoardVariantValue? value) =>
        value is null ? null : settings with { Choices = settings.Choices.SetItem(variant, value) };

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
            var ends = part.Split('-', 2);
            if (!TryNumber(ends[0], out var first) || !TryNumber(ends[^1], out var last) || last < first)
            {
                return null;
            }

            sectors.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return sectors.ToImmutable();
    }

    // No flash memory here has sectors of more than four digits.
    private static bool TryNumber(string text, out int number)
    {
        number = 0;
        return text.Length <= 4 && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
    }
}
