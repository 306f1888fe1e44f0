using Defuse.Connections;
using Defuse.Gangs;
using Defuse.Programming;

namespace Defuse.Cli.Tests.Gangs;

public class GangWatchTests
{
    [Fact]
    public async Task Boards_that_are_there_and_boards_that_come_are_flashed()
    {
        await using var bench = new WatchBench();
        bench.Bus.Plug("1-1", "A");
        bench.Start();
        Assert.Equal(FlashOutcome.Verified, (await bench.FlashedAsync("1-1")).Report!.Outcome);
        bench.Bus.Plug("1-2", "B");
        Assert.Equal(FlashOutcome.Verified, (await bench.FlashedAsync("1-2")).Report!.Outcome);
        var report = await bench.CancelAsync();
        Assert.Equal(["dfu:usb-1-1", "dfu:usb-1-2"], report.Records.Select(x => x.Board.Address.ToString()));
        Assert.False(report.IsCutShort);
    }

    [Fact]
    public async Task What_comes_back_at_once_is_the_board_that_was_started_whatever_its_serial_number_is()
    {
        await using var bench = new WatchBench().Start();
        foreach (var serial in new[] { "A", "B", null })
        {
            bench.Bus.Plug("1-1", "A");
            await bench.FlashedAsync("1-1");
            bench.Bus.Unplug("1-1");
            await bench.PassAsync(1.9);
            bench.Bus.Plug("1-1", serial);
            Assert.Equal(1.9, Assert.IsType<GangEvent.CameBack>(await bench.NextAsync("1-1")).Away.TotalSeconds, 3);
            bench.Bus.Unplug("1-1");
            await bench.PassAsync(2);
        }
    }

    [Fact]
    public async Task A_port_that_was_empty_for_long_enough_has_another_board()
    {
        await using var bench = new WatchBench().Start();
        bench.Bus.Plug("1-1", "A");
        await bench.FlashedAsync("1-1");
        bench.Bus.Unplug("1-1");
        await bench.PassAsync(2);
        bench.Bus.Plug("1-1", "A");
        await bench.FlashedAsync("1-1");
        Assert.Equal(2, (await bench.CancelAsync()).Records.Count(x => x.Board.SerialNumber == "A"));
    }

    [Fact]
    public async Task Another_serial_number_on_the_same_port_is_another_board()
    {
        await using var bench = new WatchBench().Start();
        bench.Bus.Plug("1-1", "A");
        await bench.FlashedAsync("1-1");

        // It came back with its jumper in place, and then somebody changed boards.
        bench.Bus.Swap("1-1", "A");
        Assert.IsType<GangEvent.CameBack>(await bench.NextAsync("1-1"));
        bench.Bus.Swap("1-1", "B");
        await bench.FlashedAsync("1-1");
    }

    [Fact]
    public async Task A_board_whose_serial_number_is_not_known_has_to_stay_away_for_long_enough()
    {
        await using var bench = new WatchBench().Start();
        bench.Bus.Plug("1-1");
        await bench.FlashedAsync("1-1");
        bench.Bus.Swap("1-1", null);
        Assert.IsType<GangEvent.CameBack>(await bench.NextAsync("1-1"));
        bench.Bus.Swap("1-1", "B");
        Assert.IsType<GangEvent.CameBack>(await bench.NextAsync("1-1"));
    }

    [Fact]
    public async Task The_same_serial_number_on_two_ports_is_two_boards()
    {
        await using var bench = new WatchBench().Start();
        bench.Bus.Plug("1-1", "A");
        bench.Bus.Plug("1-2", "A");
        await EndedAsync(bench, 2);
        Assert.Equal(["dfu:usb-1-1", "dfu:usb-1-2"], (await bench.CancelAsync()).Records.Select(x => x.Board.Address.ToString()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_board_that_stays_is_flashed_once_whatever_else_becomes_known_of_it()
    {
        await using var bench = new WatchBench().Start();
        bench.Bus.Plug("1-1");
        await bench.FlashedAsync("1-1");
        bench.Bus.Change("1-1", x => x! with { SerialNumber = "A" });
        await bench.SeenAsync();
        Assert.Single((await bench.CancelAsync()).Records, x => x.Board.Address.Path == "usb-1-1");
    }

    [Fact]
    public async Task A_server_that_hides_a_board_while_it_is_worked_on_does_not_make_it_another_one()
    {
        await using var bench = new WatchBench().Start();
        using var working = new ManualResetEventSlim();
        bench.Bus.Targets["1-1"] = new FakeTarget("dfu:usb-1-1") { Before = (_, _) => working.Wait() };
        bench.Bus.Plug("1-1");
        Assert.IsType<GangEvent.Began>(await bench.NextAsync("1-1"));
        Assert.IsType<GangEvent.Opened>(await bench.NextAsync("1-1"));
        bench.Bus.Unplug("1-1");
        await bench.PassAsync(30);
        working.Set();
        Assert.Equal(FlashOutcome.Verified, Assert.IsType<GangEvent.Ended>(await bench.NextAsync("1-1")).Record.Report!.Outcome);
        bench.Bus.Plug("1-1");
        Assert.IsType<GangEvent.CameBack>(await bench.NextAsync("1-1"));
    }

    [Fact]
    public async Task A_board_that_was_pulled_out_at_work_is_incomplete_and_flashed_anew_when_it_is_back()
    {
        await using var bench = new WatchBench().Start();
        var target = new FakeTarget("dfu:usb-1-1");
        bench.Bus.Targets["1-1"] = target;
        target.Before = (what, at) => PullOutAt(bench, target, what, at);
        bench.Bus.Plug("1-1", "A");
        Assert.Equal(FlashOutcome.Incomplete, (await bench.FlashedAsync("1-1")).Report!.Outcome);

        // At once, which a person with a loose cable does.
        bench.Bus.Plug("1-1", "A");
        Assert.Equal(FlashOutcome.Verified, (await bench.FlashedAsync("1-1")).Report!.Outcome);
    }

    [Fact]
    public async Task A_board_that_resets_itself_at_every_try_is_left_alone_after_the_third()
    {
        await using var bench = new WatchBench().Start();
        var target = new FakeTarget("dfu:usb-1-1");
        bench.Bus.Targets["1-1"] = target;
        for (var i = 0; i < 3; i++)
        {
            target.Before = (what, at) => PullOutAt(bench, target, what, at);
            bench.Bus.Plug("1-1", "A");
            Assert.Equal(FlashOutcome.Incomplete, (await bench.FlashedAsync("1-1")).Report!.Outcome);
        }

        bench.Bus.Plug("1-1", "A");
        Assert.IsType<GangEvent.CameBack>(await bench.NextAsync("1-1"));
        bench.Bus.Unplug("1-1");
        await bench.PassAsync(2);
        bench.Bus.Plug("1-1", "A");
        await bench.FlashedAsync("1-1");
    }

    [Fact]
    public async Task A_board_plugged_in_while_the_last_one_still_fails_there_is_flashed_when_that_has_ended()
    {
        await using var bench = new WatchBench().Start();
        using var failing = new ManualResetEventSlim();
        var target = new FakeTarget("dfu:usb-1-1");
        target.Before = (_, _) =>
        {
            failing.Wait();
            target.Before = (_, _) => { };
            throw new TransportException(TransportFailure.Timeout, "no answer");
        };
        bench.Bus.Targets["1-1"] = target;
        bench.Bus.Plug("1-1", "A");
        Assert.IsType<GangEvent.Began>(await bench.NextAsync("1-1"));
        Assert.IsType<GangEvent.Opened>(await bench.NextAsync("1-1"));
        bench.Bus.Swap("1-1", "B");
        await bench.SeenAsync();
        failing.Set();
        Assert.Equal("A", Assert.IsType<GangEvent.Ended>(await bench.NextAsync("1-1")).Record.Board.SerialNumber);
        Assert.Equal("B", (await bench.FlashedAsync("1-1")).Board.SerialNumber);
    }

    [Fact]
    public async Task A_board_that_leaves_while_it_is_opened_has_no_record()
    {
        await using var bench = new WatchBench().Start(count: 2);
        bench.Bus.Opening = port => LeaveIf(port == "1-1", bench.Bus, port);
        bench.Bus.Plug("1-1", "A");
        Assert.IsType<GangEvent.Began>(await bench.NextAsync("1-1"));
        Assert.IsType<GangEvent.LeftAgain>(await bench.NextAsync("1-1"));
        bench.Bus.Opening = _ => { };
        bench.Bus.Plug("1-1", "A");
        await bench.FlashedAsync("1-1");
        bench.Bus.Plug("1-2", "B");
        Assert.Equal(2, (await bench.EndedAsync()).Records.Length);
    }

    [Fact]
    public async Task A_board_that_can_be_opened_only_after_a_moment_is_given_it()
    {
        await using var bench = new WatchBench().Start();
        var tries = 0;
        bench.Bus.Opening = port => FailIf(port == "1-1" && ++tries < 3);
        bench.Bus.Plug("1-1", "A");
        Assert.Equal(FlashOutcome.Verified, (await bench.FlashedAsync("1-1")).Report!.Outcome);
        Assert.Equal(3, tries);
    }

    [Fact]
    public async Task A_board_that_cannot_be_opened_has_a_record_and_is_flashed_when_that_was_mended()
    {
        await using var bench = new WatchBench().Start();
        bench.Bus.Plug("1-1", "A", problem: "Linux does not let this user open it", remedy: "add the udev rule");
        Assert.IsType<GangEvent.Began>(await bench.NextAsync("1-1"));
        await bench.PassAsync(3);
        var record = Assert.IsType<GangEvent.Ended>(await bench.NextAsync("1-1")).Record;
        Assert.Equal("add the udev rule", Assert.IsType<ConnectionException>(record.Error).Remedy);
        bench.Bus.Change("1-1", x => x! with { Access = null, Problem = null, Remedy = null });
        Assert.Equal(FlashOutcome.Verified, (await bench.FlashedAsync("1-1")).Report!.Outcome);
    }

    [Fact]
    public async Task A_board_that_runs_its_program_is_left_alone()
    {
        await using var bench = new WatchBench().Start();
        bench.Bus.Plug("1-1", "A", runsProgram: true);
        await bench.SeenAsync();
        Assert.DoesNotContain((await bench.CancelAsync()).Records, x => x.Board.Address.Path == "usb-1-1");
    }

    [Fact]
    public async Task A_count_ends_it_and_begins_no_board_too_many()
    {
        await using var bench = new WatchBench();
        foreach (var port in Enumerable.Range(1, 5))
        {
            bench.Bus.Plug($"1-{port}", $"{port}");
        }

        bench.Start(count: 3);
        var report = await bench.EndedAsync();
        Assert.Equal(3, report.Records.Length);
        Assert.False(report.IsCutShort);
        Assert.Equal(3, bench.Bus.Targets.Values.Count(x => x.Memory[1] == bench.Image.Segments[0].Data.Span[1]));
    }

    [Fact]
    public async Task A_failing_board_holds_up_no_other_and_counts()
    {
        await using var bench = new WatchBench();
        using var stuck = new ManualResetEventSlim();
        bench.Bus.Targets["1-1"] = new FakeTarget("dfu:usb-1-1") { Before = (_, _) => stuck.Wait() };
        bench.Bus.Targets["1-2"] = new FakeTarget("dfu:usb-1-2") { Before = (_, _) => throw new InvalidOperationException("a mistake") };
        bench.Bus.Plug("1-1", "A");
        bench.Bus.Plug("1-2", "B");
        bench.Start(count: 4);
        Assert.Equal("a mistake", (await bench.FlashedAsync("1-2")).Error!.Message);
        bench.Bus.Plug("1-3", "C");
        Assert.True((await bench.FlashedAsync("1-3")).IsSuccess);
        bench.Bus.Plug("1-4", "D");
        Assert.True((await bench.FlashedAsync("1-4")).IsSuccess);
        stuck.Set();
        Assert.Equal("dfu:usb-1-1", (await bench.EndedAsync()).Records[^1].Board.Address.ToString());
    }

    [Fact]
    public async Task After_the_interrupt_boards_at_work_end_cleanly_and_no_other_is_begun()
    {
        await using var bench = new WatchBench().Start();
        using var working = new ManualResetEventSlim();
        bench.Bus.Targets["1-1"] = new FakeTarget("dfu:usb-1-1") { Before = (what, _) => WaitIf(what == "write", working) };
        bench.Bus.Plug("1-1", "A");
        Assert.IsType<GangEvent.Began>(await bench.NextAsync("1-1"));
        Assert.IsType<GangEvent.Opened>(await bench.NextAsync("1-1"));
        var ending = bench.CancelAsync();
        bench.Bus.Plug("1-2", "B");
        working.Set();
        var report = await ending;
        var record = Assert.Single(report.Records);
        Assert.Equal(FlashOutcome.Cancelled, record.Report!.Outcome);
        Assert.IsType<OperationCanceledException>(record.Error, exactMatch: false);
        Assert.DoesNotContain(record.Report.Ranges, x => x.State == RangeState.Indeterminate);
        Assert.True(report.IsCutShort);
    }

    [Theory]
    [InlineData(null, 0, true)]
    [InlineData(null, 1, false)]
    [InlineData(3, 1, true)]
    public async Task An_interrupt_cuts_short_what_was_not_meant_to_end_so(int? count, int boards, bool isCutShort)
    {
        await using var bench = new WatchBench().Start(count);
        for (var i = 0; i < boards; i++)
        {
            await bench.SeenAsync();
        }

        Assert.Equal(isCutShort, (await bench.CancelAsync()).IsCutShort);
    }

    [Fact]
    public async Task When_nothing_is_seen_any_more_boards_at_work_end_first()
    {
        await using var bench = new WatchBench().Start();
        using var working = new ManualResetEventSlim();
        bench.Bus.Targets["1-1"] = new FakeTarget("dfu:usb-1-1") { Before = (_, _) => working.Wait() };
        bench.Bus.Plug("1-1", "A");
        Assert.IsType<GangEvent.Began>(await bench.NextAsync("1-1"));
        bench.Bus.GoBlind(new TransportException(TransportFailure.Fault, "the host is gone"));
        working.Set();
        var report = await bench.EndedAsync();
        Assert.Equal("the host is gone", report.Error!.Message);
        Assert.True(Assert.Single(report.Records).IsSuccess);
    }

    [Fact]
    public async Task When_watching_fails_for_an_unforeseen_reason_boards_at_work_end_first()
    {
        await using var bench = new WatchBench().Start();
        using var working = new ManualResetEventSlim();
        bench.Bus.Targets["1-1"] = new FakeTarget("dfu:usb-1-1") { Before = (_, _) => working.Wait() };
        bench.Bus.Plug("1-1", "A");
        Assert.IsType<GangEvent.Began>(await bench.NextAsync("1-1"));
        bench.Bus.GoBlind(new InvalidOperationException("a mistake in the provider"));
        working.Set();
        var report = await bench.EndedAsync();
        Assert.Equal("a mistake in the provider", report.Error!.Message);
        Assert.True(Assert.Single(report.Records).IsSuccess);
    }

    [Theory]
    [InlineData(typeof(GangEvent.Began))]
    [InlineData(typeof(GangEvent.Opened))]
    [InlineData(typeof(GangEvent.Progressed))]
    [InlineData(typeof(GangEvent.Ended))]
    public async Task A_listener_that_throws_ends_the_watch_and_spoils_no_board(Type at)
    {
        await using var bench = new WatchBench();
        bench.Listening = x => ThrowIf(x.GetType() == at);
        bench.Bus.Plug("1-1", "A");
        bench.Start();
        var report = await bench.EndedAsync();
        Assert.Equal("a mistake in the listener", report.Error!.Message);
        Assert.Equal(FlashOutcome.Verified, Assert.Single(report.Records).Report!.Outcome);
    }

    [Fact]
    public async Task A_listener_that_throws_when_a_board_comes_back_ends_the_watch()
    {
        await using var bench = new WatchBench().Start();
        bench.Bus.Plug("1-1", "A");
        await bench.FlashedAsync("1-1");
        bench.Listening = x => ThrowIf(x is GangEvent.CameBack);
        bench.Bus.Swap("1-1", "A");
        Assert.Equal("a mistake in the listener", (await bench.EndedAsync()).Error!.Message);
    }

    [Fact]
    public async Task A_listener_that_throws_leaves_the_report_of_all_boards()
    {
        await using var bench = new WatchBench { Listening = x => ThrowIf(x is GangEvent.Ended && x.Board.SerialNumber == "A") };
        BoardInfo[] boards = [bench.Bus.Plug("1-1", "A"), bench.Bus.Plug("1-2", "B")];
        var gang = new BoardGang(
            new BoardCatalog([bench.Bus], TimeProvider.System),
            BoardGang.Flashing(bench.Image, Planning.FlashOptions.Default with { Allow = Planning.FlashAllowances.Chip }),
            bench);
        var report = await gang.RunAsync(boards, bench, TestContext.Current.CancellationToken);
        Assert.Equal("a mistake in the listener", report.Error!.Message);
        Assert.Equal(2, report.Records.Count(x => x.IsSuccess));
    }

    [Fact]
    public async Task A_right_that_comes_at_the_end_of_the_settling_time_is_seen()
    {
        await using var bench = new WatchBench();
        var tries = 0;

        // The first attempt is made at once, and takes all of the time; the right comes just behind it.
        bench.Bus.Opening = _ => FailOnce(bench, ++tries);
        bench.Bus.Plug("1-1", "A");
        bench.Start();
        Assert.Equal(FlashOutcome.Verified, (await bench.FlashedAsync("1-1")).Report!.Outcome);
    }

    [Fact]
    public async Task A_right_that_comes_while_the_last_attempt_fails_is_used()
    {
        await using var bench = new WatchBench();
        var late = 0;
        bench.Listening = x => MendIf(x is GangEvent.Ended && ++late == 1, bench.Bus);
        bench.Bus.Plug("1-1", "A", problem: "Linux does not let this user open it", remedy: "add the udev rule");
        bench.Start();
        Assert.IsType<GangEvent.Began>(await bench.NextAsync("1-1"));
        bench.Pass(3);
        Assert.IsType<ConnectionException>(Assert.IsType<GangEvent.Ended>(await bench.NextAsync("1-1")).Record.Error);
        Assert.Equal(FlashOutcome.Verified, (await bench.FlashedAsync("1-1")).Report!.Outcome);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new GangOptions { Count = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GangOptions { Away = TimeSpan.FromTicks(-1) });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GangOptions { Settle = TimeSpan.FromTicks(-1) });
    }

    private static async Task EndedAsync(WatchBench bench, int count)
    {
        while (count > 0)
        {
            count -= await bench.NextAsync() is GangEvent.Ended ? 1 : 0;
        }
    }

    private static void PullOutAt(WatchBench bench, FakeTarget target, string what, uint address)
    {
        if (what == "write")
        {
            target.Before = (_, _) => { };
            bench.Bus.Unplug("1-1");
            throw new TransportException(TransportFailure.Disconnected, "the board is gone", "plug it in again", address);
        }
    }

    private static void LeaveIf(bool condition, FakeBus bus, string port)
    {
        if (condition)
        {
            bus.Unplug(port);
        }
    }

    private static void FailIf(bool condition)
    {
        if (condition)
        {
            throw new TransportException(TransportFailure.CannotOpen, "access is denied", "add the udev rule");
        }
    }

    private static void ThrowIf(bool condition)
    {
        if (condition)
        {
            throw new InvalidOperationException("a mistake in the listener");
        }
    }

    private static void FailOnce(WatchBench bench, int number)
    {
        if (number == 1)
        {
            bench.Pass(2.1);
            throw new TransportException(TransportFailure.CannotOpen, "access is denied", "add the udev rule");
        }
    }

    // Until the watch has seen it, the work has not ended.
    private static void MendIf(bool condition, FakeBus bus)
    {
        if (condition)
        {
            bus.Change("1-1", x => x! with { Access = null, Problem = null, Remedy = null });
            Thread.Sleep(200);
        }
    }

    private static void WaitIf(bool condition, ManualResetEventSlim gate)
    {
        if (condition)
        {
            gate.Wait();
        }
    }
}
