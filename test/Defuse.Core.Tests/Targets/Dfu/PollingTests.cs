using Defuse.Core.Tests.Programming;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Core.Tests.Targets.Dfu;

/// <summary>When a busy device is asked again: soon after it is done, and seldom before.</summary>
public sealed class PollingTests
{
    private const byte Dnload = 1;
    private const byte GetStatus = 3;

    private static readonly FlashOptions WriteOnly = FlashOptions.Default with { Compare = false, Verify = false, Start = false };

    private static readonly DfuWork Block = new(DfuWorkKind.Write, 2048);

    [Theory]
    [InlineData("pybv11", 8.2)]
    [InlineData("nucleo-f767zi", 8.2)]
    [InlineData("nucleo-h743zi", 3.2)]
    [InlineData("nucleo-g431kb", 10.7)]
    public async Task Writing_takes_one_poll_a_block_and_no_longer_than_the_chip(string board, double programTime)
    {
        using var bench = new Bench(board);
        await using var target = await bench.OpenAsync();
        var size = Math.Min(300, (bench.Board.Chip.FlashSize / 1024) - 4) * 1024;
        var traffic = new Traffic(bench);
        var (polls, slept) = (0, TimeSpan.Zero);

        await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, size), WriteOnly, new Callback(e =>
        {
            if (e is ProgrammingEvent.PhaseStarted { Phase: ProgrammingPhase.Write })
            {
                (polls, slept) = (traffic.Polls, traffic.Slept);
            }
        }), Bench.Cancel);

        // Reported are 104 ms. A few more questions until the time is known, and one now and then to see whether it still is.
        Assert.InRange(traffic.Polls - polls, traffic.Blocks, (traffic.Blocks * 1.12) + 20);
        Assert.InRange((traffic.Slept - slept).TotalMilliseconds / traffic.Blocks, 0, (programTime * 1.15) + 0.5);
    }

    [Fact]
    public async Task Erasing_sectors_alike_is_asked_about_ever_closer_to_its_end()
    {
        using var bench = new Bench("nucleo-h743zi");
        await using var target = await bench.OpenAsync();
        await target.EraseSectorAsync(0x08000000, Bench.Cancel);
        await target.EraseSectorAsync(0x08020000, Bench.Cancel);
        await target.EraseSectorAsync(0x08040000, Bench.Cancel);
        var traffic = new Traffic(bench);

        await target.EraseSectorAsync(0x08060000, Bench.Cancel);
        await target.EraseSectorAsync(0x08080000, Bench.Cancel);

        // A sector takes 1 s, and the ROM says 100 ms.
        Assert.InRange(traffic.Polls, 2, 8);
        Assert.InRange(traffic.Elapsed.TotalMilliseconds, 2000, 2000 * 1.04);
    }

    [Fact]
    public async Task A_device_that_refuses_an_early_question_is_asked_when_it_said_from_then_on()
    {
        using var bench = new Bench("pybv11");
        await using var target = await bench.OpenAsync();
        bench.Wire.Requests.Clear();
        var asked = Asked(bench, number =>
            number > 1 && bench.Wire.Requests[number - 2] is { Request: Dnload, Value: 2 } ? UsbControlResponse.Stall : null);

        var report = await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 16 * 1024), WriteOnly, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.WrittenUnverified, report.Outcome);
        bench.AssertHolds(ProgrammerTests.Firmware(bench, 16 * 1024));
        var first = bench.Wire.Requests.FindIndex(x => x is { Request: Dnload, Value: 3 });
        var later = asked.Where(x => x.Number > first && x.IsPoll && bench.Wire.Requests[x.Number - 2].Value >= 2).ToList();
        Assert.Equal(7, later.Count);
        Assert.All(later, x => Assert.InRange(x.Waited.TotalMilliseconds, 104, 105));
    }

    [Fact]
    public async Task A_family_that_refuses_early_questions_is_asked_no_earlier_than_it_said()
    {
        using var bench = new Bench("stm32l476g-disco");
        await using var target = await bench.OpenAsync();
        bench.Wire.Requests.Clear();
        var asked = Asked(bench, _ => null);
        var image = ProgrammerTests.Firmware(bench, 100 * 1024);

        var report = await new Programmer(target).FlashAsync(image, FlashOptions.Default with { Start = false }, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        bench.AssertHolds(image);
        Assert.Equal(0, report.Retries);
        Assert.All(
            asked.Where(x => x.IsPoll && bench.Wire.Requests[x.Number - 2] is { Value: >= 2 }),
            x => Assert.True(x.Waited >= TimeSpan.FromMilliseconds(6), $"asked after {x.Waited.TotalMilliseconds} ms"));

        // What it said was too short for the 50 pages and the 50 blocks; it is asked in vain only for the first.
        Assert.InRange(asked.Count(x => x.IsPoll && x.Waited >= TimeSpan.FromMilliseconds(6)), 100, 112);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.4)]
    [InlineData(3.2)]
    [InlineData(8.2)]
    [InlineData(33)]
    [InlineData(480)]
    public void The_time_is_found_in_a_few_steps_whatever_it_is(double milliseconds)
    {
        var polling = new DfuPolling(asReported: false);
        var took = TimeSpan.FromMilliseconds(milliseconds);
        var runs = Enumerable.Range(0, 60).Select(_ => Run(polling, took)).ToList();

        Assert.InRange(runs.Take(8).Sum(x => x.Polls), 8, 60);
        Assert.InRange(runs.Skip(8).Sum(x => x.Polls), 52, 66);
        Assert.All(runs.Skip(8), x => Assert.InRange(x.Elapsed - took, TimeSpan.Zero, TimeSpan.FromMilliseconds(2) + (took / 16)));
    }

    [Theory]
    [InlineData(8.2, 20)]
    [InlineData(20, 8.2)]
    public void What_takes_another_time_from_now_on_is_learned_anew(double before, double after)
    {
        var polling = new DfuPolling(asReported: false);
        for (var i = 0; i < 30; i++)
        {
            Run(polling, TimeSpan.FromMilliseconds(before));
        }

        var runs = Enumerable.Range(0, 200).Select(_ => Run(polling, TimeSpan.FromMilliseconds(after))).ToList();

        Assert.InRange(runs.Skip(150).Average(x => x.Elapsed.TotalMilliseconds), after, after * 1.3);
        Assert.InRange(runs.Sum(x => x.Polls), 200, 240);
    }

    [Fact]
    public void A_shorter_block_and_a_larger_sector_are_not_begun_with_nothing()
    {
        var polling = new DfuPolling(asReported: false);
        for (var i = 0; i < 10; i++)
        {
            Run(polling, TimeSpan.FromMilliseconds(32));
            Run(polling, TimeSpan.FromMilliseconds(250), new(DfuWorkKind.Erase, 16 * 1024));
        }

        Assert.InRange(Run(polling, TimeSpan.FromMilliseconds(16), new(DfuWorkKind.Write, 1024)).Polls, 1, 2);
        Assert.InRange(Run(polling, TimeSpan.FromMilliseconds(1000), new(DfuWorkKind.Erase, 128 * 1024)).Polls, 1, 20);
    }

    [Fact]
    public void A_busy_device_is_never_asked_twice_within_a_millisecond()
    {
        var random = new Random(5);
        var polling = new DfuPolling(asReported: false);
        for (var i = 0; i < 500; i++)
        {
            Run(polling, TimeSpan.FromMilliseconds(random.NextDouble() * 40));
        }
    }

    // A device that takes so long over a block, and says 104 ms.
    private static (int Polls, TimeSpan Elapsed) Run(DfuPolling polling, TimeSpan took, DfuWork? work = null)
    {
        var elapsed = TimeSpan.Zero;
        for (var polls = 0; ; polls++)
        {
            var gap = polling.GapAfter(work ?? Block, elapsed, polls, TimeSpan.FromMilliseconds(104));
            Assert.True(polls == 0 || gap >= TimeSpan.FromMilliseconds(1), $"asked again after {gap}");
            elapsed += gap;
            var isDone = elapsed >= took;
            polling.Learn(work ?? Block, elapsed, new DfuStatus(DfuStatusCode.Ok, TimeSpan.Zero, isDone ? DfuState.DownloadIdle : DfuState.DownloadBusy));
            if (isDone)
            {
                return (polls + 1, elapsed);
            }
        }
    }

    // Every GETSTATUS with how long after the answer before it came; a poll is one that another GETSTATUS came before.
    private static List<(int Number, bool IsPoll, TimeSpan Waited)> Asked(Bench bench, Func<int, UsbControlResponse?> answer)
    {
        var asked = new List<(int, bool, TimeSpan)>();
        var slept = TimeSpan.Zero;
        bench.Wire.Intercept = (number, setup) =>
        {
            var waited = bench.Wire.Slept - slept;
            slept = bench.Wire.Slept;
            if (setup.Request != GetStatus)
            {
                return null;
            }

            var isPoll = bench.Wire.Requests[number - 1].Request == GetStatus;
            asked.Add((number, isPoll, waited));
            return isPoll ? answer(number) : null;
        };
        return asked;
    }

    private sealed class Callback(Action<ProgrammingEvent> action) : IProgress<ProgrammingEvent>
    {
        public void Report(ProgrammingEvent value) => action(value);
    }
}
