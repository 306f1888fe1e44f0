using System.Collections.Frozen;
using System.Globalization;
using Defuse.Core.Tests.Planning;
using Defuse.Core.Tests.Programming;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Simulator.Faults;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Core.Tests.Faults;

/// <summary>The same for a device that takes one whole image and proves nothing: what is called written is there.</summary>
public sealed class Promise_2_every_fault_of_plain_DFU
{
    private const uint Slot = 0x08002000;

    private static readonly byte[] Bytes = FlashPlannerTests.Bytes(3001, seed: 5);

    private static readonly FrozenDictionary<FaultStep, long> Places = new Dictionary<FaultStep, long>
    {
        [FaultStep.Open] = 6,
        [FaultStep.Status] = 3,
        [FaultStep.Write] = 1_500,
        [FaultStep.Start] = 0,
    }.ToFrozenDictionary();

    public static TheoryData<FaultStep, FaultKind> Cells
    {
        get
        {
            var cells = new TheoryData<FaultStep, FaultKind>();
            foreach (var step in Places.Keys.Order())
            {
                foreach (var kind in Enum.GetValues<FaultKind>())
                {
                    cells.Add(step, kind);
                }
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task It_tells_the_truth_and_the_same_command_again_finishes(FaultStep step, FaultKind kind)
    {
        var word = kind == FaultKind.OtherSerial ? "serial" : kind.ToString().ToLowerInvariant();
        var script = string.Create(CultureInfo.InvariantCulture, $"{word}@{step.ToString().ToLowerInvariant()}:{Places[step]}");
        using var bench = new Bench("dfu11-tolerant", ("fault", script));
        var before = bench.Flash(new AddressRange(Slot, Bytes.Length));

        var (outcome, report) = await FlashAsync(bench);

        Assert.Equal(1, bench.Board.FaultsHappened);
        Assert.Contains(outcome, new[] { FlashOutcome.WrittenUnverified, FlashOutcome.Incomplete, FlashOutcome.Failed });
        if (outcome == FlashOutcome.Failed)
        {
            Assert.Equal(before, bench.Flash(new AddressRange(Slot, Bytes.Length)));
        }

        if (kind != FaultKind.BitRot)
        {
            foreach (var (range, _) in report?.Ranges.Where(x => x.State == RangeState.Written) ?? [])
            {
                Assert.Equal(Bytes[(int)range.Start..(int)range.End], bench.Flash(new AddressRange(Slot + range.Start, range.Length)));
            }
        }

        if (kind == FaultKind.Busy)
        {
            bench.Board.Unplug();
        }

        Assert.Equal(FlashOutcome.WrittenUnverified, (await FlashAsync(bench)).Outcome);
        Assert.Equal(Bytes, bench.Flash(new AddressRange(Slot, Bytes.Length)));
    }

    private static async Task<(FlashOutcome Outcome, FlashReport? Report)> FlashAsync(Bench bench)
    {
        try
        {
            await using var target = await DfuDevice.OpenAsync(new UsbPeripheralHost([bench.Wire]), bench.Board.Location, "sim:x", ChipDatabase.Default, Bench.Cancel);
            var report = await new Programmer(target).FlashAsync(FirmwareImage.FromBytes(0, Bytes), FlashOptions.Default, null, Bench.Cancel)
                .AsTask().WaitAsync(TimeSpan.FromSeconds(30), Bench.Cancel);
            return (report.Outcome, report);
        }
        catch (DefuseException)
        {
            return (FlashOutcome.Failed, null);
        }
    }
}
