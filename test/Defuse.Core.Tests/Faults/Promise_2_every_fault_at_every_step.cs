using System.Collections.Frozen;
using System.Globalization;
using Defuse.Core.Tests.Programming;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Simulator.Faults;

namespace Defuse.Core.Tests.Faults;

/// <summary>
/// DESIGN, promise 2, for every kind of fault at every step of every operation: the report is true of every range, nothing
/// takes longer than the device may, and the same command again finishes the job.
/// </summary>
public sealed class Promise_2_every_fault_at_every_step
{
    /// <summary>Where in an operation's steps the fault waits. A step without a row is no part of the operation.</summary>
    private static readonly FrozenDictionary<(FaultOperation Operation, FaultStep Step), long> Places = new Dictionary<(FaultOperation, FaultStep), long>
    {
        [(FaultOperation.Flash, FaultStep.Open)] = 9,
        [(FaultOperation.Flash, FaultStep.Address)] = 3,
        [(FaultOperation.Flash, FaultStep.Status)] = 20,
        [(FaultOperation.Flash, FaultStep.Read)] = 3_000,
        [(FaultOperation.Flash, FaultStep.Compare)] = 3_500,
        [(FaultOperation.Flash, FaultStep.Erase)] = 1,
        [(FaultOperation.Flash, FaultStep.Write)] = 5_100,
        [(FaultOperation.Flash, FaultStep.Verify)] = 4_000,
        [(FaultOperation.Flash, FaultStep.Start)] = 0,
        [(FaultOperation.Verify, FaultStep.Open)] = 9,
        [(FaultOperation.Verify, FaultStep.Address)] = 1,
        [(FaultOperation.Verify, FaultStep.Status)] = 3,
        [(FaultOperation.Verify, FaultStep.Read)] = 3_000,
        [(FaultOperation.Verify, FaultStep.Compare)] = 3_500,
        [(FaultOperation.Read, FaultStep.Open)] = 9,
        [(FaultOperation.Read, FaultStep.Address)] = 0,
        [(FaultOperation.Read, FaultStep.Status)] = 1,
        [(FaultOperation.Read, FaultStep.Read)] = 10_000,
        [(FaultOperation.Read, FaultStep.Compare)] = 3_000,
        [(FaultOperation.Erase, FaultStep.Open)] = 9,
        [(FaultOperation.Erase, FaultStep.Address)] = 1,
        [(FaultOperation.Erase, FaultStep.Status)] = 4,
        [(FaultOperation.Erase, FaultStep.Read)] = 60,
        [(FaultOperation.Erase, FaultStep.Compare)] = 60,
        [(FaultOperation.Erase, FaultStep.Erase)] = 1,
        [(FaultOperation.Erase, FaultStep.Verify)] = 10_000,
        [(FaultOperation.Start, FaultStep.Open)] = 9,
        [(FaultOperation.Start, FaultStep.Address)] = 0,
        [(FaultOperation.Start, FaultStep.Status)] = 1,
        [(FaultOperation.Start, FaultStep.Start)] = 0,
        [(FaultOperation.Unprotect, FaultStep.Open)] = 9,
        [(FaultOperation.Unprotect, FaultStep.Status)] = 0,
        [(FaultOperation.Unprotect, FaultStep.Unprotect)] = 0,
        [(FaultOperation.Unprotect, FaultStep.Compare)] = 3_000,
    }.ToFrozenDictionary();

    // Their flash words have an error code.
    private static readonly FrozenSet<string> HaveErrorCodes = ["nucleo-h743zi?rev=y", "stm32l476g-disco"];

    // Faults of these kinds take the board off the bus; what it was asked for then failed.
    private static readonly FrozenSet<FaultKind> Leaving = [FaultKind.Unplug, FaultKind.Reset, FaultKind.OtherSerial];

    public static TheoryData<string, FaultOperation, FaultStep, FaultKind> Cells
    {
        get
        {
            var cells = new TheoryData<string, FaultOperation, FaultStep, FaultKind>();
            foreach (var board in (string[])["nucleo-f767zi", "nucleo-h743zi?rev=y", "stm32l476g-disco", "b-l072z-lrwan1"])
            {
                foreach (var (operation, step) in Places.Keys.Order())
                {
                    foreach (var kind in Enum.GetValues<FaultKind>())
                    {
                        cells.Add(board, operation, step, kind);
                    }
                }
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task It_tells_the_truth_and_the_same_command_again_finishes(string board, FaultOperation operation, FaultStep step, FaultKind kind)
    {
        var place = Places[(operation, step)];
        var fault = FaultScript.Parse(string.Create(CultureInfo.InvariantCulture, $"{Word(kind)}@{Word(step)}:{place}"));
        using var bench = new FaultBench(board, fault.ToString(), operation == FaultOperation.Unprotect);
        bench.Prepare(operation);
        var started = bench.Board.Clock.Elapsed;

        var (outcome, report) = await RunAsync(bench, operation);

        Assert.True(bench.Board.FaultsHappened == 1, "the fault did not happen: the operation does not get there");
        Assert.InRange(bench.Board.Clock.Elapsed - started, TimeSpan.Zero, Longest(kind));
        Assert.Contains(outcome, Allowed(board, operation, step, kind));
        if (IsUnnoticed(operation, step, outcome) || IsInComparedSector(bench, operation, report))
        {
            bench.Unrot();
        }

        AssertTrue(bench, operation, outcome, report);

        if (kind == FaultKind.Busy)
        {
            // Stuck for ever: every message about it says to plug the board in again.
            bench.Board.Unplug();
        }

        if (operation == FaultOperation.Unprotect && step == FaultStep.Compare)
        {
            bench.Unrot();
        }

        bench.Prepare(operation);
        var (again, finished) = await RunAsync(bench, operation);

        // A chip that is open has no protection to remove: the first command did it.
        Assert.Contains(again, operation == FaultOperation.Unprotect ? [FlashOutcome.Verified, FlashOutcome.Refused] : new[] { FlashOutcome.Verified });
        bench.AssertHolds(operation);
        Assert.Equal(1, bench.Board.FaultsHappened);
        if (finished is not null)
        {
            bench.AssertTrue(finished, operation);
        }
    }

    [Theory]
    [InlineData(0x08020100u)]
    [InlineData(0x08000320u)]
    public async Task A_flash_word_that_cannot_be_written_leaves_a_block_that_nobody_knows(uint address)
    {
        using var bench = new FaultBench("nucleo-h743zi", string.Create(CultureInfo.InvariantCulture, $"bitrot@0x{address:X8}.4"));

        var (outcome, report) = await RunAsync(bench, FaultOperation.Flash);

        Assert.Equal(FlashOutcome.Incomplete, outcome);
        Assert.False(Assert.IsType<Defuse.Targets.Dfu.DfuException>(report!.Error).IndicatesReadOutProtection);
        Assert.Contains(report.Ranges, x => x.State == RangeState.Indeterminate && x.Range.Contains(address));
        bench.AssertTrue(report, FaultOperation.Flash);
        Assert.Equal(FlashOutcome.Verified, (await RunAsync(bench, FaultOperation.Flash)).Outcome);
        bench.AssertHolds(FaultOperation.Flash);
    }

    [Fact]
    public void Every_step_is_walked_in_some_operation() =>
        Assert.Empty(Enum.GetValues<FaultStep>().Except(Places.Keys.Select(x => x.Step)));

    [Fact]
    public void Every_operation_has_steps() =>
        Assert.Empty(Enum.GetValues<FaultOperation>().Except(Places.Keys.Select(x => x.Operation)));

    [Fact]
    public void Every_phase_of_the_work_has_a_step() =>
        Assert.All(Enum.GetValues<ProgrammingPhase>(), x => Assert.True(Enum.TryParse<FaultStep>(x.ToString(), out _), $"no fault can wait in {x}"));

    // On the board's clock: the work itself, and what a device may take. One that is found busy may be erasing itself, and gets
    // 5 minutes; a GETSTATUS that is lost costs 35 s, of which the simulated board makes 60.
    private static TimeSpan Longest(FaultKind kind) => kind switch
    {
        FaultKind.Busy => TimeSpan.FromMinutes(6.5),
        FaultKind.Timeout => TimeSpan.FromMinutes(2),
        _ => TimeSpan.FromMinutes(1),
    };

    private static string Word<T>(T value)
        where T : struct, Enum => value is FaultKind.OtherSerial ? "serial" : value.ToString().ToLowerInvariant();

    // Work that throws instead of reporting failed before anything was changed.
    private static async Task<(FlashOutcome Outcome, FlashReport? Report)> RunAsync(FaultBench bench, FaultOperation operation)
    {
        try
        {
            var report = await bench.RunAsync(operation).WaitAsync(TimeSpan.FromSeconds(30), Bench.Cancel);
            return (report?.Outcome ?? FlashOutcome.Verified, report);
        }
        catch (DefuseException e)
        {
            Assert.False(string.IsNullOrWhiteSpace(e.Message));
            return (FlashOutcome.Failed, null);
        }
    }

    private static FlashOutcome[] Allowed(string board, FaultOperation operation, FaultStep step, FaultKind kind)
    {
        FlashOutcome[] broken = (operation, step) switch
        {
            (FaultOperation.Flash or FaultOperation.Erase, FaultStep.Erase or FaultStep.Write or FaultStep.Verify) => [FlashOutcome.Incomplete],
            (FaultOperation.Flash or FaultOperation.Erase, FaultStep.Address or FaultStep.Status) => [FlashOutcome.Failed, FlashOutcome.Incomplete],
            (FaultOperation.Unprotect, not FaultStep.Open) => [FlashOutcome.Failed, FlashOutcome.Incomplete],
            _ => [FlashOutcome.Failed],
        };
        return kind switch
        {
            FaultKind.Late => [FlashOutcome.Verified],

            // Where a flash word has an error code, one that is no longer blank cannot be written.
            FaultKind.BitRot when step is FaultStep.Erase => board switch { _ when operation == FaultOperation.Erase => [FlashOutcome.Differs], _ when HaveErrorCodes.Contains(board) => [FlashOutcome.Incomplete], _ => [FlashOutcome.Differs] },
            FaultKind.BitRot => [FlashOutcome.Verified, FlashOutcome.Differs],
            _ when Leaving.Contains(kind) && step is not FaultStep.Start => broken,
            _ => [.. broken, FlashOutcome.Verified],
        };
    }

    // A bit that flips where nothing is compared afterwards: the report was true when it was made.
    private static bool IsUnnoticed(FaultOperation operation, FaultStep step, FlashOutcome outcome) =>
        step is FaultStep.Start || outcome == FlashOutcome.Incomplete || operation is FaultOperation.Read or FaultOperation.Start;

    // Of a known chip, a sector that was compared and is not erased is not read again.
    private static bool IsInComparedSector(FaultBench bench, FaultOperation operation, FlashReport? report) =>
        operation == FaultOperation.Flash
        && report is { Outcome: FlashOutcome.Verified, Plan: { } plan }
        && bench.Board.RottenBytes.All(x => plan.Sectors.Any(y => y.Decision == SectorDecision.Keep && y.Sector.Range.Contains(x)));

    private static void AssertTrue(FaultBench bench, FaultOperation operation, FlashOutcome outcome, FlashReport? report)
    {
        if (report is null || outcome == FlashOutcome.Failed)
        {
            bench.AssertUnchanged();
        }

        if (report is null)
        {
            return;
        }

        bench.AssertTrue(report, operation);
        Assert.Equal(outcome == FlashOutcome.Verified, report.Error is null);
        if (outcome == FlashOutcome.Verified)
        {
            bench.AssertHolds(operation);
        }

        if (outcome == FlashOutcome.Incomplete)
        {
            Assert.Contains(report.Ranges, x => x.State is not (RangeState.Untouched or RangeState.Verified));
        }
    }
}
