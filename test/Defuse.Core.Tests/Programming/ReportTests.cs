using Defuse.Core.Tests.Planning;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>What a report says where a device behaves in ways that invite a lie.</summary>
public sealed class ReportTests
{
    private const byte Dnload = 1;
    private const byte GetStatus = 3;
    private const byte GetState = 5;

    [Fact]
    public async Task Opening_a_board_does_not_start_an_erase_that_somebody_stored()
    {
        using var bench = new Bench();
        bench.FillFlash();
        var before = bench.Flash(new AddressRange(0x08040000, 0x40000));
        var peripheral = await ConfiguredAsync(bench);
        await peripheral.ControlAsync(new UsbSetupPacket(0x21, Dnload, 0, 0, 5), new byte[] { 0x41, 0, 0, 4, 8 }, Bench.Cancel);

        await using var target = await bench.OpenAsync();
        await new Programmer(target).ReadAsync(new AddressRange(0x08000000, 16), null, Bench.Cancel);

        Assert.Equal(before, bench.Flash(new AddressRange(0x08040000, 0x40000)));
    }

    [Fact]
    public async Task A_board_that_was_told_to_leave_and_never_asked_is_not_made_to_leave_by_opening_it()
    {
        using var bench = new Bench();
        bench.Board.Chip.WriteFlash(0x08000000, FlashPlannerTests.Program(1000));
        var peripheral = await ConfiguredAsync(bench);
        await peripheral.ControlAsync(new UsbSetupPacket(0x21, Dnload, 0, 0, 0), default, Bench.Cancel);

        await using var target = await bench.OpenAsync();

        Assert.Null(bench.Board.RunningFrom);
        Assert.Equal(16, (await new Programmer(target).ReadAsync(new AddressRange(0x08000000, 16), null, Bench.Cancel)).ByteCount);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_board_that_refuses_to_start_is_not_called_started(bool atStatus)
    {
        using var bench = new Bench();
        await using var target = await bench.OpenAsync();
        bench.Wire.Intercept = (_, setup) =>
            (atStatus ? setup.Request == GetStatus && bench.Wire.Requests.Any(x => x is { Request: Dnload, Length: 0 }) : setup is { Request: Dnload, Length: 0 })
                ? UsbControlResponse.Stall
                : null;

        var report = await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 5000), FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Null(report.Started);
        Assert.Contains(report.Warnings, x => x.Contains("not started", StringComparison.Ordinal));
        Assert.Null(bench.Board.RunningFrom);
    }

    [Fact]
    public async Task The_rest_of_a_sector_that_differs_is_not_called_blank()
    {
        using var bench = new Bench("nucleo-f767zi", ("wrp", "0"));
        bench.FillFlash();
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        var image = ProgrammerTests.Firmware(bench, 1000);

        var report = await bench.FlashAsync(image, FlashOptions.Default with { Allow = FlashAllowances.Protected, Start = false });

        Assert.Equal(FlashOutcome.Differs, report.Outcome);
        Assert.DoesNotContain(report.Ranges, x => x.State == RangeState.Blank);
        bench.AssertTrue(report, image, before);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelled_before_an_erase_is_sent_nothing_is_called_indeterminate(bool chip)
    {
        using var bench = new Bench();
        bench.FillFlash();
        await using var target = await bench.OpenAsync();
        using var cancel = new CancellationTokenSource();
        var listener = new Callback(e =>
        {
            if (e is ProgrammingEvent.StateChanged { State: RangeState.Indeterminate })
            {
                cancel.Cancel();
            }
        });
        bench.Wire.Requests.Clear();

        var report = await new Programmer(target).FlashAsync(
            ProgrammerTests.Firmware(bench, 5000), FlashOptions.Default with { EraseChip = chip }, listener, cancel.Token);

        Assert.Equal(FlashOutcome.Cancelled, report.Outcome);
        Assert.DoesNotContain(bench.Wire.Requests, x => x is { Request: Dnload, Length: 1 });
        Assert.All(report.Ranges, x => Assert.Equal(RangeState.Untouched, x.State));
    }

    [Fact]
    public async Task A_protected_chip_that_refuses_the_first_erase_is_untouched()
    {
        using var bench = new Bench("nucleo-f767zi", ("rdp", "1"));

        var report = await bench.FlashAsync(
            ProgrammerTests.Firmware(bench, 5000), FlashOptions.Default with { Allow = FlashAllowances.Protected });

        Assert.Equal(FlashOutcome.Failed, report.Outcome);
        Assert.All(report.Ranges, x => Assert.Equal(RangeState.Untouched, x.State));
        Assert.Equal(2, bench.Events.OfType<ProgrammingEvent.Planned>().Count());
    }

    [Theory]
    [MemberData(nameof(Bench.Boards), MemberType = typeof(Bench))]
    public async Task Bytes_verified_are_those_of_the_ranges_wherever_it_is_cancelled(string board)
    {
        for (var at = 0; at < 120; at += 11)
        {
            using var bench = new Bench(board);
            bench.Board.Chip.WriteFlash(0x08000000, FlashPlannerTests.Program(60_000));
            var bytes = FlashPlannerTests.Program(60_000);
            bytes[50_000] ^= 1;
            await using var target = await bench.OpenAsync();
            using var cancel = new CancellationTokenSource();
            bench.Wire.Requests.Clear();
            bench.Wire.Answered = (number, _) => number == at ? cancel.CancelAsync() : Task.CompletedTask;

            var report = await new Programmer(target).FlashAsync(
                FlashPlannerTests.Image((0x08000000, bytes)), FlashOptions.Default with { Start = false }, null, cancel.Token);

            Assert.Equal(report.Ranges.Where(x => x.State == RangeState.Verified).Sum(x => x.Range.Length), report.BytesVerified);
        }
    }

    [Fact]
    public async Task An_early_poll_that_is_refused_is_asked_again()
    {
        using var bench = new Bench();
        var stalls = 0;

        // As an L4 does: the second GETSTATUS behind a block comes too early, up to three times.
        bench.Wire.Intercept = (number, setup) =>
            setup.Request == GetStatus && number > 1 && bench.Wire.Requests[number - 1].Request == GetStatus
                && bench.Wire.Requests[number - 2] is { Request: Dnload, Value: 5 } && stalls++ < 3
                ? UsbControlResponse.Stall
                : null;

        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 20_000));

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.InRange(stalls, 1, 4);
    }

    [Fact]
    public async Task A_listeners_exception_is_the_callers_and_the_device_is_left_ready()
    {
        using var bench = new Bench();
        await using var target = await bench.OpenAsync();
        var listener = new Callback(e =>
        {
            if (e is ProgrammingEvent.Progressed { Phase: ProgrammingPhase.Write })
            {
                throw new InvalidOperationException("the listener's own");
            }
        });

        await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 20_000), FlashOptions.Default, listener, Bench.Cancel));

        var state = await bench.Board.Peripheral!.ControlAsync(new UsbSetupPacket(0xA1, GetState, 0, 0, 1), default, Bench.Cancel);
        Assert.Equal(2, state.Data.Span[0]);
    }

    [Fact]
    public async Task An_operation_cancelled_by_somebody_else_is_not_called_cancelled()
    {
        using var bench = new Bench();
        await using var target = await bench.OpenAsync();
        bench.Wire.Intercept = (_, setup) => setup is { Request: Dnload, Value: 3 } ? throw new OperationCanceledException() : null;

        await Assert.ThrowsAsync<OperationCanceledException>(
            async () => await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 20_000), FlashOptions.Default, null, CancellationToken.None));
    }

    [Theory]
    [MemberData(nameof(Bench.Boards), MemberType = typeof(Bench))]
    public async Task The_commands_of_the_rom_are_those_of_AN3156(string board)
    {
        using var bench = new Bench(board);
        await using var target = await bench.OpenAsync();

        Assert.Equal([0x00, 0x21, 0x41, 0x92], (await target.GetCommandsAsync(Bench.Cancel)).ToArray());
        Assert.Equal(FlashOutcome.Verified, (await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 100), FlashOptions.Default, null, Bench.Cancel)).Outcome);
    }

    [Fact]
    public async Task A_memory_whose_name_cannot_be_read_does_not_hide_the_others()
    {
        using var bench = new Bench();
        bench.Wire.InterceptStandard = setup => setup is { Request: UsbStandardRequest.GetDescriptor, Value: 0x0305 } ? UsbControlResponse.Stall : null;

        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 1000));

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
    }

    [Fact]
    public void Blocks_are_split_where_the_alternate_setting_changes()
    {
        // Adjacent memories, each an alternate setting of its own: an address outside the selected one is refused.
        var target = Planning.Targets.Of("@Bank 1  /0x08000000/16*002Kg", 0x0200, 1024, "@Bank 2  /0x08008000/16*002Kg");

        Assert.Equal(
            [AddressRange.FromBounds(0x08007000, 0x08008000), AddressRange.FromBounds(0x08008000, 0x08009000)],
            DfuTarget.ByAlternateSetting(target.Memory, AddressRange.FromBounds(0x08007000, 0x08009000)));
    }

    // As an operating system leaves it: configuring it only now would make it forget what was stored.
    private static async Task<IUsbPeripheral> ConfiguredAsync(Bench bench)
    {
        var peripheral = await bench.Board.AttachAsync(Bench.Cancel);
        await peripheral.ControlAsync(new UsbSetupPacket(0x00, UsbStandardRequest.SetConfiguration, 1, 0, 0), default, Bench.Cancel);
        return peripheral;
    }

    private sealed class Callback(Action<ProgrammingEvent> action) : IProgress<ProgrammingEvent>
    {
        public void Report(ProgrammingEvent value) => action(value);
    }
}
