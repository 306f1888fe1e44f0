using System.Collections.Immutable;
using Defuse.Simulator;
using Defuse.Simulator.Roms;

namespace Defuse.Bench.Performance;

/// <summary>A board that is measured, with what its bootloader announces.</summary>
/// <param name="Name">The simulated board.</param>
/// <param name="Chip">What people call its chip.</param>
/// <param name="PollTimes">
/// What it announces; null for what the simulated board does. Truthful is what the work takes, rounded up to milliseconds; but a
/// simulated bootloader announces the same for all its sectors, and so those that are not alike announce 100 ms, again and again.
/// </param>
/// <param name="Size">Bytes of the usual image.</param>
/// <param name="Goal">The most that Defuse with verification may take of dfu-util's time; null where nothing was asked for.</param>
internal sealed record BenchBoard(string Name, string Chip, RomPollTimes? PollTimes, int Size, double? Goal)
{
    public static ImmutableArray<BenchBoard> All { get; } =
    [
        new("pybv11", "F405", null, 300 << 10, 0.33),
        new("pybv11", "F405, truthful", new(0, 100, 8000, 9), 300 << 10, null),
        new("nucleo-f767zi", "F767", null, 300 << 10, 0.85),
        new("nucleo-f767zi", "F767, truthful", new(0, 100, 16000, 9), 300 << 10, 0.85),
        new("nucleo-h743zi", "H743", null, 300 << 10, 0.75),
        new("nucleo-h743zi", "H743, truthful", new(0, 100, 10000, 4), 300 << 10, 0.75),
        new("nucleo-g431kb", "G431", null, 100 << 10, null),
        new("nucleo-g431kb", "G431, truthful", new(0, 23, 23, 11), 100 << 10, null),
        new("stm32l476g-disco", "L476", null, 300 << 10, 0.85),
        new("stm32l476g-disco", "L476, truthful", new(1, 23, 45, 21), 300 << 10, 0.85),
    ];

    /// <summary>Whether it erases pages of some KiB, each in some 20 ms, not large sectors.</summary>
    public bool HasPages => Name.Contains("g431", StringComparison.Ordinal) || Name.Contains("l476", StringComparison.Ordinal);

    /// <summary>Makes one, full of old firmware.</summary>
    public SimulatedBoard Create(int instance, VirtualClock clock)
    {
        var known = SimulatedBoardCatalog.Boards.Single(x => x.Name == Name);
        var parts = PollTimes is { } times ? known.Parts.WithRom(x => x with { PollTimes = times }) : known.Parts;
        var model = new SimulatedBoardModel(known.Name, known.Description, parts.Chip, parts.Bootloader);
        var board = new SimulatedBoard(model, instance, new BoardSettings(), null, clock);
        FillWithOldFirmware(board);
        return board;
    }

    public void FillWithOldFirmware(SimulatedBoard board) => board.Chip.WriteFlash(board.Chip.FlashAddress, Workload.Random(board.Chip.FlashSize, 99));
}
