using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>Protection is looked at before the first erase, explained, and removed where that is asked for.</summary>
public class ProtectionTests
{
    private const byte Dnload = 1;
    private const byte GetStatus = 3;
    private const byte Upload = 2;

    [Theory]
    [MemberData(nameof(Bench.Boards), MemberType = typeof(Bench))]
    public async Task A_read_out_protected_chip_is_known_when_it_is_opened_and_nothing_is_sent_to_it(string name)
    {
        using var bench = new Bench(name, ("rdp", "1"));
        await using var target = await bench.OpenAsync();
        bench.Wire.Requests.Clear();

        Assert.Equal(ReadOutProtection.Level1, target.Description.Protection.ReadOut);
        var report = await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 1000), FlashOptions.Default, null, Bench.Cancel);
        var erase = await new Programmer(target).EraseAsync(null, FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal((FlashOutcome.Refused, FlashOutcome.Refused), (report.Outcome, erase.Outcome));
        Assert.Contains("read-out protected", report.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("defuse unprotect", report.Error.Remedy, StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Wire.Requests, x => x.Request == Dnload);
    }

    [Fact]
    public async Task A_port_that_stalls_is_not_taken_for_protection_and_the_board_can_be_used()
    {
        using var bench = new Bench();
        var stalled = 0;
        bench.Wire.Intercept = (_, setup) => setup is { Request: Upload, Length: 48 } && stalled++ < 10 ? UsbControlResponse.Stall : null;
        await using var target = await bench.OpenAsync();
        bench.Wire.Intercept = null;

        Assert.True(stalled > 0);
        Assert.Equal(ReadOutProtection.Unknown, target.Description.Protection.ReadOut);
        var image = ProgrammerTests.Firmware(bench, 1000);
        var report = await new Programmer(target).FlashAsync(image, FlashOptions.Default with { Start = false }, null, Bench.Cancel);
        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        bench.AssertHolds(image);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_write_protected_sector_that_would_change_is_refused_before_the_first_erase(bool compare)
    {
        using var bench = new Bench("nucleo-f767zi", ("wrp", "2"));
        bench.FillFlash();
        var all = new AddressRange(0x08000000, bench.Board.Chip.FlashSize);
        var before = bench.Flash(all);

        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 100_000), FlashOptions.Default with { Compare = compare });

        Assert.Equal(FlashOutcome.Refused, report.Outcome);
        Assert.Contains("sector 2 (0x08010000-0x08017FFF) is write-protected", report.Error!.Message, StringComparison.Ordinal);
        Assert.Contains("--allow protected", report.Error.Remedy, StringComparison.Ordinal);
        Assert.Equal(before, bench.Flash(all));
    }

    [Fact]
    public async Task A_write_protected_sector_that_holds_its_bytes_already_is_no_obstacle()
    {
        using var bench = new Bench("nucleo-f767zi", ("wrp", "0"));
        var image = ProgrammerTests.Firmware(bench, 100_000);
        bench.FillFlash();
        bench.Board.Chip.WriteFlash(0x08000000, image.Segments[0].Data.Span[..(32 * 1024)]);

        var report = await bench.FlashAsync(image);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(3, report.SectorsErased);
        bench.AssertHolds(image);
    }

    [Fact]
    public async Task The_whole_chip_is_not_erased_where_any_sector_is_write_protected()
    {
        using var bench = new Bench("pybv11", ("wrp", "11"));
        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 1000), FlashOptions.Default with { EraseChip = true });
        await using var target = await bench.OpenAsync();
        var erase = await new Programmer(target).EraseAsync(null, FlashOptions.Default, null, Bench.Cancel);
        var other = await new Programmer(target).EraseAsync(new AddressRange(0x08000000, 1), FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal((FlashOutcome.Refused, FlashOutcome.Refused, FlashOutcome.Verified), (report.Outcome, erase.Outcome, other.Outcome));
        Assert.Contains("sector 11", erase.Error!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plan_that_has_not_compared_yet_warns_of_write_protected_sectors()
    {
        using var bench = new Bench("nucleo-f767zi", ("wrp", "0"));
        await using var target = await bench.OpenAsync();

        var plan = FlashPlanner.Plan(ProgrammerTests.Firmware(bench, 100), target.Description, FlashOptions.Default);

        Assert.Contains(plan.Warnings, x => x.Contains("write-protected: where the device holds something else there, all is refused", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_STM32U5_that_would_confirm_writes_that_never_happen_is_refused_by_its_option_bytes()
    {
        using var bench = new Bench("b-u585i-iot02a", ("rdp", "1"));
        await using var target = await bench.OpenAsync();

        var report = await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 1000), FlashOptions.Default with { Compare = false, Verify = false }, null, Bench.Cancel);

        Assert.Equal("RDP is 0xDC", target.Description.Protection.Evidence);
        Assert.Equal(FlashOutcome.Refused, report.Outcome);
    }

    [Fact]
    public async Task A_port_on_which_an_F0_fails_is_not_taken_for_protection()
    {
        using var bench = new Bench("32f072bdiscovery", ("port", "xhci"));
        await using var target = await bench.OpenAsync();

        Assert.Equal(ReadOutProtection.None, target.Description.Protection.ReadOut);
    }

    [Theory]
    [InlineData("nucleo-f767zi")]
    [InlineData("pybv11")]
    [InlineData("nucleo-h743zi")]
    [InlineData("32f072bdiscovery")]
    [InlineData("b-l072z-lrwan1")]
    [InlineData("nucleo-g431kb")]
    [InlineData("stm32l476g-disco")]
    [InlineData("b-u585i-iot02a")]
    public async Task Unprotecting_wipes_the_chip_finds_it_again_and_proves_it(string name)
    {
        using var bench = new Bench(name, ("rdp", "1"));
        bench.FillFlash();
        await using var target = await OpenAsync(bench);

        var report = await new Programmer(target).UnprotectAsync(null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(ReadOutProtection.None, target.Description.Protection.ReadOut);
        Assert.Equal(bench.Board.Chip.FlashSize, report.BytesVerified);
        Assert.Equal(0, bench.Board.Chip.ReadProtectionLevel);
        Assert.DoesNotContain(bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize)), x => x != target.Description.ErasedByte);

        // The same target goes on with the board that came back.
        var image = ProgrammerTests.Firmware(bench, 1000);
        Assert.Equal(FlashOutcome.Verified, (await new Programmer(target).FlashAsync(image, FlashOptions.Default with { Start = false }, null, Bench.Cancel)).Outcome);
        bench.AssertHolds(image);
    }

    [Theory]
    [InlineData(TransportFailure.Stall)]
    [InlineData(TransportFailure.Timeout)]
    [InlineData(TransportFailure.Disconnected)]
    public async Task However_the_device_vanishes_it_is_found_again(TransportFailure how)
    {
        using var bench = new Bench("nucleo-f767zi", ("rdp", "1"));
        var socket = new VanishingSocket(bench.Wire);
        await using var target = await OpenAsync(bench, socket);
        var isSent = false;
        var lost = 0;

        // The first GETSTATUS starts the work; it reaches the board, and its answer is lost.
        socket.Lose = setup =>
        {
            isSent |= setup is { Request: Dnload, Length: 1 };
            return !isSent || setup.Request != GetStatus || lost++ > 0 ? null
                : how == TransportFailure.Stall ? UsbControlResponse.Stall
                : how == TransportFailure.Disconnected ? UsbControlResponse.Disconnected
                : throw new TransportException(how, "the device did not answer");
        };

        var report = await new Programmer(target).UnprotectAsync(null, Bench.Cancel);

        Assert.True(lost > 0);
        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(0, bench.Board.Chip.ReadProtectionLevel);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    public async Task A_board_that_is_opened_just_before_it_leaves_is_opened_again(int times)
    {
        using var bench = new Bench("nucleo-f767zi", ("rdp", "1"));
        var host = new CountingHost(new UsbPeripheralHost([bench.Wire]));
        await using var target = (DfuTarget)await DfuDevice.OpenAsync(host, bench.Board.Location, "sim:x", ChipDatabase.Default, Bench.Cancel);
        var isSent = false;
        bench.Wire.Intercept = (_, setup) =>
        {
            isSent |= setup is { Request: Dnload, Length: 1 };
            return isSent && host.Opened > 1 && times-- > 0 ? UsbControlResponse.Disconnected : null;
        };

        var report = await new Programmer(target).UnprotectAsync(null, Bench.Cancel);

        Assert.True(times < 0);
        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(1, host.Open);
    }

    [Fact]
    public async Task A_board_that_comes_back_and_cannot_be_opened_is_closed_again()
    {
        using var bench = new Bench("nucleo-f767zi", ("rdp", "1"));
        var host = new CountingHost(new UsbPeripheralHost([bench.Wire]));
        await using var target = (DfuTarget)await DfuDevice.OpenAsync(host, bench.Board.Location, "sim:x", ChipDatabase.Default, Bench.Cancel);
        bench.Wire.Intercept = (_, _) => host.Opened > 1 ? UsbControlResponse.Disconnected : null;

        var report = await new Programmer(target).UnprotectAsync(null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.Equal(1, host.Open);
        Assert.True(report.Elapsed > TimeSpan.FromSeconds(60), "it tried again");
        Assert.Contains("defuse info", report.Error!.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Which_sectors_a_wiped_chip_has_need_not_be_known()
    {
        using var bench = new Bench("nucleo-f767zi", ("bank", "dual"), ("rdp", "1"));
        bench.FillFlash();
        await using var target = await OpenAsync(bench);
        var isSent = false;
        bench.Wire.Intercept = (_, setup) =>
        {
            isSent |= setup is { Request: Dnload, Length: 1 };
            return isSent && setup.Request == Upload && target.Description.MapDoubt is null && bench.Wire.LastAddress == 0x08100000
                ? throw new TransportException(TransportFailure.Timeout, "the device did not answer")
                : null;
        };

        var report = await new Programmer(target).UnprotectAsync(null, Bench.Cancel);

        Assert.NotNull(target.Description.MapDoubt);
        Assert.Equal((FlashOutcome.Verified, (DefuseException?)null), (report.Outcome, report.Error));
        Assert.Equal(bench.Board.Chip.FlashSize, report.BytesVerified);
        Assert.Equal(FlashOutcome.Refused, (await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 100), FlashOptions.Default, null, Bench.Cancel)).Outcome);
    }

    [Fact]
    public async Task A_board_that_does_not_come_back_is_not_called_blank()
    {
        using var bench = new Bench("nucleo-f767zi", ("rdp", "1"));
        var socket = new VanishingSocket(bench.Wire);
        await using var target = await OpenAsync(bench, socket);
        socket.IsThere = false;

        var report = await new Programmer(target).UnprotectAsync(null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.All(report.Ranges, x => Assert.Equal(RangeState.Indeterminate, x.State));
        Assert.Contains("BOOT0", report.Error!.Remedy, StringComparison.Ordinal);
        Assert.True(report.Elapsed > TimeSpan.FromSeconds(60), "it waited");
    }

    [Fact]
    public async Task A_refusal_of_the_command_leaves_all_untouched()
    {
        using var bench = new Bench("nucleo-f767zi", ("rdp", "1"));
        bench.FillFlash();
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        await using var target = await OpenAsync(bench);
        bench.Wire.Intercept = (_, setup) => setup is { Request: Dnload, Length: 1 } ? UsbControlResponse.Ack
            : setup.Request == GetStatus ? new UsbControlResponse(UsbControlStatus.Ack, new byte[] { 14, 0, 0, 0, 10, 0 })
            : null;

        var report = await new Programmer(target).UnprotectAsync(null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Failed, report.Outcome);
        Assert.All(report.Ranges, x => Assert.Equal(RangeState.Untouched, x.State));
        Assert.Equal(before, bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize)));
    }

    [Fact]
    public async Task An_open_chip_is_left_alone_and_one_that_is_closed_for_good_too()
    {
        using var bench = new Bench();
        bench.FillFlash();
        await using var target = await OpenAsync(bench);
        bench.Wire.Requests.Clear();
        var report = await new Programmer(target).UnprotectAsync(null, Bench.Cancel);
        Assert.Equal(FlashOutcome.Refused, report.Outcome);
        Assert.DoesNotContain(bench.Wire.Requests, x => x.Request == Dnload);

        var closed = target.Description with { Protection = new MemoryProtection { ReadOut = ReadOutProtection.Permanent, Evidence = "RDP is 0xCC" } };
        var e = Assert.Throws<PlanRefusedException>(() => FlashPlanner.PlanUnprotection(closed));
        Assert.Contains("closed for good", e.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be undone", e.Remedy, StringComparison.Ordinal);
    }

    private static async Task<DfuTarget> OpenAsync(Bench bench, IUsbSocket? socket = null) =>
        (DfuTarget)await DfuDevice.OpenAsync(new UsbPeripheralHost([socket ?? bench.Wire]), bench.Board.Location, bench.Board.Location, ChipDatabase.Default, Bench.Cancel);
}
