using System.Collections.Frozen;
using System.Globalization;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Simulator.Faults;

namespace Defuse.Core.Tests.Faults;

/// <summary>The same for bytes that are to outlive an erase: after any fault they are on the chip, or what was saved brings them back.</summary>
public sealed class Promise_2_no_fault_costs_what_is_kept
{
    private static readonly FrozenDictionary<FaultStep, long> Places = new Dictionary<FaultStep, long>
    {
        [FaultStep.Read] = 20_000,
        [FaultStep.Erase] = 1,
        [FaultStep.Write] = 5_100,
        [FaultStep.Verify] = 4_000,
    }.ToFrozenDictionary();

    public static TheoryData<string, bool, FaultStep, FaultKind> Cells
    {
        get
        {
            var cells = new TheoryData<string, bool, FaultStep, FaultKind>();
            foreach (var board in (string[])["nucleo-f767zi", "stm32l476g-disco"])
            {
                foreach (var verify in (bool[])[true, false])
                {
                    foreach (var step in Places.Keys.Order().Where(x => verify || x != FaultStep.Verify))
                    {
                        // A bit that flips before it is read is kept as it is: nothing says what it was.
                        foreach (var kind in Enum.GetValues<FaultKind>().Where(x => x != FaultKind.BitRot))
                        {
                            cells.Add(board, verify, step, kind);
                        }
                    }
                }
            }

            return cells;
        }
    }

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task It_is_on_the_chip_or_in_the_backup(string board, bool verify, FaultStep step, FaultKind kind)
    {
        var word = kind == FaultKind.OtherSerial ? "serial" : kind.ToString().ToLowerInvariant();
        using var bench = new FaultBench(board, string.Create(CultureInfo.InvariantCulture, $"{word}@{step.ToString().ToLowerInvariant()}:{Places[step]}"));
        var wanted = (byte[])bench.Before.Clone();
        foreach (var segment in bench.Image.Segments)
        {
            segment.Data.CopyTo(wanted.AsMemory((int)(segment.Range.Start - bench.Board.Chip.FlashAddress)));
        }

        FirmwareImage? saved = null;
        var options = FlashOptions.Default with { Start = false, Verify = verify, KeepUnwritten = true };
        var report = await bench.FlashAsync(
            bench.Image,
            options with
            {
                Backup = (image, _) =>
                {
                    saved = image;
                    return default;
                },
            });

        Assert.Equal(1, bench.Board.FaultsHappened);
        bench.AssertTrue(report, report.Plan!.Image);
        if (report.IsSuccess)
        {
            Assert.Equal(verify ? FlashOutcome.Verified : FlashOutcome.WrittenUnverified, report.Outcome);
            Assert.Equal(wanted, bench.AllFlash());
            return;
        }

        if (kind == FaultKind.Busy)
        {
            bench.Board.Unplug();
        }

        if (report.Outcome == FlashOutcome.Failed)
        {
            Assert.Equal(bench.Before, bench.AllFlash());
        }
        else
        {
            Assert.Equal(FlashOutcome.Verified, (await bench.FlashAsync(saved!, FlashOptions.Default with { Start = false })).Outcome);
            Assert.Equal(bench.Before, bench.AllFlash());
        }

        Assert.True((await bench.FlashAsync(bench.Image, options)).IsSuccess);
        Assert.Equal(wanted, bench.AllFlash());
    }
}
