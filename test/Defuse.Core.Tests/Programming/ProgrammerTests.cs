using Defuse.Core.Tests.Planning;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets;
using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

public sealed class ProgrammerTests
{
    private const byte Dnload = 1;
    private const byte Upload = 2;
    private const byte GetStatus = 3;
    private const byte Abort = 6;

    [Theory]
    [MemberData(nameof(Bench.Boards), MemberType = typeof(Bench))]
    public async Task A_fresh_board_is_flashed_verified_and_started(string board)
    {
        // An H743 of revision V, which the board has, does not get to its program while BOOT0 is high.
        using var bench = new Bench(board, board == "nucleo-h743zi" ? [("boot0", "low")] : []);
        var image = Firmware(bench, 150_001);

        var report = await bench.FlashAsync(image, FlashOptions.Default);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(150_001, report.BytesVerified);
        Assert.NotNull(report.Started);
        Assert.Equal(0x08000000u, bench.Board.RunningFrom);
        bench.AssertHolds(image);
    }

    [Theory]
    [MemberData(nameof(Bench.Boards), MemberType = typeof(Bench))]
    public async Task Old_firmware_is_replaced_and_the_same_again_writes_nothing(string board)
    {
        using var bench = new Bench(board);
        bench.FillFlash();
        var image = Firmware(bench, 150_001);

        var first = await bench.FlashAsync(image);
        var second = await bench.FlashAsync(image);

        Assert.Equal(FlashOutcome.Verified, first.Outcome);
        Assert.InRange(first.SectorsErased, 1, 100);
        Assert.Equal(FlashOutcome.Verified, second.Outcome);
        Assert.Equal(0, second.BytesWritten);
        Assert.Equal(0, second.SectorsErased);
        Assert.Equal(150_001, second.BytesVerified);
        bench.AssertHolds(image);
    }

    [Theory]
    [MemberData(nameof(Bench.Boards), MemberType = typeof(Bench))]
    public async Task One_changed_byte_costs_one_sector(string board)
    {
        using var bench = new Bench(board);
        var bytes = FlashPlannerTests.Program(400_000);
        await bench.FlashAsync(FlashPlannerTests.Image((0x08000000, bytes)));
        bytes[300_000] ^= 0x10;
        var image = FlashPlannerTests.Image((0x08000000, bytes));

        var report = await bench.FlashAsync(image);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(1, report.SectorsErased);
        Assert.InRange(report.BytesWritten, 1, report.Plan!.Erases[0].Range.Length);
        Assert.Equal(400_000, report.BytesVerified);
        bench.AssertHolds(image);
    }

    [Theory]
    [InlineData("nucleo-h743zi", true)]
    [InlineData("stm32l476g-disco", true)]
    [InlineData("daisy", false)]
    public async Task What_was_compared_is_not_read_again_where_the_sectors_of_the_chip_are_known(string board, bool isKnown)
    {
        using var bench = new Bench(board);
        var start = board == "daisy" ? 0x90040000 : 0x08000000;
        var bytes = FlashPlannerTests.Program(400_000);
        await bench.FlashAsync(FlashPlannerTests.Image((start, bytes)));
        bytes[300_000] ^= 0x10;
        bench.Wire.Requests.Clear();

        var report = await bench.FlashAsync(FlashPlannerTests.Image((start, bytes)));

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        var block = report.Plan!.Target.BlockSize;
        var blocks = (400_000 + block - 1) / block;
        var sector = report.Plan.Erases[0].Range.Length / block;
        var read = bench.Wire.Requests.Count(x => x.Request == Upload);
        if (isKnown)
        {
            // Once each, the sector once more with a block on either side, and a few that find out about the device.
            Assert.InRange(read, blocks, blocks + sector + 12);
        }
        else
        {
            Assert.InRange(read, (2 * blocks) - sector, (2 * blocks) + 12);
        }
    }

    [Fact]
    public async Task A_block_takes_three_transfers_and_a_run_one_address_command()
    {
        using var bench = new Bench();
        var image = Firmware(bench, 0x8000 + (20 * 2048));
        var options = FlashOptions.Default with { Compare = false, Verify = false, Start = false };
        await using var target = await bench.OpenAsync();
        bench.Wire.Requests.Clear();

        var report = await new Programmer(target).FlashAsync(image, options, null, Bench.Cancel);

        // Two runs (the vector table's sector comes last) of 20 and 16 blocks; each an address command, and no short block.
        Assert.Equal(FlashOutcome.WrittenUnverified, report.Outcome);
        var data = bench.Wire.Requests.Where(x => x.Request == Dnload && x.Value >= 2).ToList();
        Assert.Equal([.. Enumerable.Range(2, 20), .. Enumerable.Range(2, 16)], data.Select(x => (int)x.Value));
        Assert.Equal(2, bench.Wire.Requests.Count(x => x is { Request: Dnload, Value: 0, Length: 5 }) - report.SectorsErased - 1);

        // Three a block, but for the first blocks, from which it is learned how long one takes.
        var transfers = bench.Wire.Requests.Skip(bench.Wire.Requests.FindIndex(x => x is { Request: Dnload, Value: >= 2 })).Count(x => x.Request is Dnload or GetStatus);
        Assert.InRange(transfers, 36 * 3, (36 + 2) * 3 + 12);
    }

    [Fact]
    public async Task A_short_last_block_gets_an_address_of_its_own()
    {
        using var bench = new Bench();
        var image = FlashPlannerTests.Image((0x08040000, FlashPlannerTests.Bytes((2 * 2048) + 100)));
        await bench.FlashAsync(image, FlashOptions.Default with { Compare = false, Verify = false, Start = false });

        var blocks = bench.Wire.Requests.Where(x => x.Request == Dnload && x.Length != 5).Select(x => (x.Value, x.Length));

        Assert.Equal([(2, 2048), (3, 2048), (2, 128)], blocks.Select(x => ((int)x.Value, (int)x.Length)));
    }

    [Fact]
    public async Task An_upload_follows_an_abort_that_follows_the_address_command()
    {
        using var bench = new Bench();
        await bench.FlashAsync(Firmware(bench, 10_000));
        var requests = bench.Wire.Requests;

        var firsts = Enumerable.Range(0, requests.Count).Where(i => requests[i] is { Request: Upload, Value: 2 }).ToList();

        Assert.NotEmpty(firsts);
        Assert.All(firsts, i => Assert.Equal([Dnload, GetStatus, GetStatus, Abort], requests.Skip(i - 4).Take(4).Select(x => x.Request)));
    }

    [Fact]
    public async Task Events_come_in_the_documented_order()
    {
        using var bench = new Bench();
        bench.FillFlash();
        await bench.FlashAsync(Firmware(bench, 50_000), FlashOptions.Default);

        var phases = bench.Events.OfType<ProgrammingEvent.PhaseStarted>().Select(x => x.Phase);
        Assert.Equal(
            [ProgrammingPhase.Compare, ProgrammingPhase.Erase, ProgrammingPhase.Write, ProgrammingPhase.Verify, ProgrammingPhase.Start], phases);
        Assert.IsType<ProgrammingEvent.Planned>(bench.Events[0]);
        Assert.Equal(2, bench.Events.OfType<ProgrammingEvent.Planned>().Count());

        ProgrammingPhase? open = null;
        long bytes = 0;
        foreach (var e in bench.Events)
        {
            switch (e)
            {
                case ProgrammingEvent.PhaseStarted started:
                    Assert.Null(open);
                    (open, bytes) = (started.Phase, 0);
                    break;
                case ProgrammingEvent.Progressed progressed:
                    Assert.Equal(open, progressed.Phase);
                    Assert.InRange(progressed.Bytes, bytes + 1, progressed.TotalBytes);
                    bytes = progressed.Bytes;
                    break;
                case ProgrammingEvent.PhaseFinished finished:
                    Assert.Equal(open, finished.Phase);
                    Assert.Equal(bytes, finished.Bytes);
                    open = null;
                    break;
            }
        }

        Assert.Null(open);
        Assert.All(
            bench.Events.OfType<ProgrammingEvent.Progressed>().Where(x => x.Phase == ProgrammingPhase.Write),
            x => Assert.True(x.BytesPerSecond > 0 && x.TimeLeft is not null));
    }

    [Fact]
    public async Task Erasing_the_chip_leaves_nothing_of_what_was_there()
    {
        using var bench = new Bench();
        bench.FillFlash();
        var image = Firmware(bench, 50_000);

        var report = await bench.FlashAsync(image, FlashOptions.Default with { EraseChip = true, Start = false });

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(1, bench.Board.Chip.MassErases);
        bench.AssertHolds(image);
        Assert.True(!bench.Flash(AddressRange.FromBounds(0x08000000 + 50_016, 0x08200000)).AsSpan().ContainsAnyExcept((byte)0xFF));
    }

    [Fact]
    public async Task Erase_erases_whole_sectors_and_proves_it()
    {
        using var bench = new Bench();
        bench.FillFlash();
        await using var target = await bench.OpenAsync();

        var report = await new Programmer(target).EraseAsync(new AddressRange(0x08007FFF, 2), FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(2, report.SectorsErased);
        Assert.Equal(0x10000, report.BytesVerified);
        Assert.True(!bench.Flash(new AddressRange(0x08000000, 0x10000)).AsSpan().ContainsAnyExcept((byte)0xFF));
        Assert.True(bench.Flash(new AddressRange(0x08010000, 0x100)).AsSpan().ContainsAnyExcept((byte)0xFF));
    }

    [Fact]
    public async Task Verify_tells_the_first_difference_and_how_many_there_are_and_changes_nothing()
    {
        using var bench = new Bench();
        var bytes = FlashPlannerTests.Program(100_000);
        bench.Board.Chip.WriteFlash(0x08000000, bytes);
        var changed = bytes.ToArray();
        changed[777] ^= 0xFF;
        changed[90_000] ^= 0x01;
        await using var target = await bench.OpenAsync();

        var report = await new Programmer(target).VerifyAsync(FlashPlannerTests.Image((0x08000000, changed)), FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Differs, report.Outcome);
        var difference = Assert.IsType<VerificationException>(report.Error).Difference;
        Assert.Equal(new MemoryDifference(0x08000000 + 777, changed[777], bytes[777], 2), difference);
        Assert.Equal(99_998, report.BytesVerified);
        Assert.Equal(bytes, bench.Flash(new AddressRange(0x08000000, 100_000)));
    }

    [Theory]
    [MemberData(nameof(Bench.Boards), MemberType = typeof(Bench))]
    public async Task Memory_is_read_whole_and_in_any_part(string board)
    {
        using var bench = new Bench(board);
        bench.FillFlash();
        await using var target = await bench.OpenAsync();
        var programmer = new Programmer(target);
        var all = new AddressRange(0x08000000, bench.Board.Chip.FlashSize);
        var part = new AddressRange(0x08000123, 54_321);

        var whole = await programmer.ReadAsync(all, null, Bench.Cancel);
        var some = await programmer.ReadAsync(part, null, Bench.Cancel);

        Assert.Equal(FirmwareImage.FromBytes(all.Start, bench.Flash(all)), whole);
        Assert.Equal(FirmwareImage.FromBytes(part.Start, bench.Flash(part)), some);
        await Assert.ThrowsAsync<PlanRefusedException>(async () => await programmer.ReadAsync(new AddressRange(0x07FFFFFF, 2), null, Bench.Cancel));
    }

    [Fact]
    public async Task A_dual_bank_f767_is_erased_by_its_own_sectors()
    {
        using var bench = new Bench("nucleo-f767zi", ("bank", "dual"));
        bench.FillFlash();
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        var image = Firmware(bench, 300_000);

        var report = await bench.FlashAsync(image);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        bench.AssertHolds(image);
        bench.AssertTrue(report, image, before);
        Assert.Equal(0x4000, report.Plan!.Sectors[0].Sector.Range.Length);

        // 300,000 bytes end in the sector of 128 KB at 0x08040000: what lies behind it was not to be touched.
        var behind = AddressRange.FromBounds(0x08060000, 0x08200000);
        Assert.True(before.AsSpan((int)(behind.Start - 0x08000000)).SequenceEqual(bench.Flash(behind)));
    }

    [Fact]
    public async Task A_write_protected_sector_is_told_apart_from_success()
    {
        using var bench = new Bench("nucleo-f767zi", ("wrp", "1"));
        var image = Firmware(bench, 100_000);

        var report = await bench.FlashAsync(image, FlashOptions.Default with { Allow = FlashAllowances.Protected });

        Assert.Equal(FlashOutcome.Differs, report.Outcome);
        Assert.Null(report.Started);
        Assert.Equal(0x08008000u, report.Error!.Address);
        Assert.Contains(report.Ranges, x => x.State == RangeState.Different && x.Range.Start == 0x08008000);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_read_out_protected_chip_is_refused_before_the_first_erase(bool compare)
    {
        using var bench = new Bench("nucleo-f767zi", ("rdp", "1"));

        var report = await bench.FlashAsync(Firmware(bench, 10_000), FlashOptions.Default with { Compare = compare });

        Assert.Equal(FlashOutcome.Refused, report.Outcome);
        Assert.Equal(RefusalKind.Protected, Assert.IsType<PlanRefusedException>(report.Error).Refusals[0].Kind);
        Assert.DoesNotContain(bench.Wire.Requests, x => x.Request == Dnload && x.Value >= 2);
        Assert.All(report.Ranges, x => Assert.Equal(RangeState.Untouched, x.State));
    }

    [Fact]
    public async Task The_device_is_recovered_from_whatever_state_it_is_found_in()
    {
        using var bench = new Bench();
        var image = Firmware(bench, 5_000);
        foreach (var disturb in Disturbances())
        {
            var peripheral = await bench.Board.AttachAsync(Bench.Cancel);
            foreach (var (setup, data) in disturb)
            {
                await peripheral.ControlAsync(setup, data, Bench.Cancel);
            }

            Assert.Equal(FlashOutcome.Verified, (await bench.FlashAsync(image)).Outcome);
        }
    }

    [Fact]
    public async Task A_device_that_stays_busy_is_given_up_after_its_budget()
    {
        using var bench = new Bench();
        await using var target = await bench.OpenAsync();

        // A ROM that answers dfuDNBUSY for ever, as an H743 does after erasing in its second bank.
        bench.Wire.Intercept = (_, setup) => setup.Request == GetStatus ? new UsbControlResponse(UsbControlStatus.Ack, new byte[] { 0, 100, 0, 0, 4, 0 }) : null;

        var e = await Assert.ThrowsAsync<TransportException>(async () => await target.EraseSectorAsync(0x08000000, Bench.Cancel));

        Assert.Equal(TransportFailure.Timeout, e.Failure);
        Assert.Equal(0x08000000u, e.Address);
        Assert.NotNull(e.Remedy);
    }

    [Fact]
    public async Task A_rom_may_block_endpoint_0_for_seconds_while_it_erases()
    {
        using var bench = new Bench();
        bench.FillFlash();

        // The largest sector of an F767 takes 2 s typically; the report's time is the board's.
        var report = await bench.FlashAsync(FlashPlannerTests.Image((0x08040000, FlashPlannerTests.Bytes(256 * 1024))));

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.InRange(report.Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Leaving_without_an_answer_is_no_failure_after_a_verified_write()
    {
        using var bench = new Bench();
        await using var target = await bench.OpenAsync();
        bench.Wire.Intercept = (number, setup) =>
            number > 0 && setup.Request == GetStatus && bench.Wire.Requests[number - 1] is { Request: Dnload, Length: 0 } ? UsbControlResponse.Disconnected : null;

        var report = await new Programmer(target).FlashAsync(Firmware(bench, 5_000), FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(StartOutcome.LeftWithoutAnswer, report.Started);
    }

    [Fact]
    public async Task A_device_that_does_not_leave_is_verified_with_a_warning()
    {
        using var bench = new Bench();
        await using var target = await bench.OpenAsync();
        bench.Wire.Intercept = (_, setup) => setup is { Request: Dnload, Length: 0 } ? UsbControlResponse.Ack : null;

        var report = await new Programmer(target).FlashAsync(Firmware(bench, 5_000), FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Null(report.Started);
        Assert.Contains(report.Warnings, x => x.Contains("not started", StringComparison.Ordinal));
    }

    internal static FirmwareImage Firmware(Bench bench, int count, int seed = 1) =>
        FlashPlannerTests.Image((bench.Board.Chip.FlashAddress, FlashPlannerTests.Program(count, seed)));

    private static IEnumerable<(UsbSetupPacket Setup, byte[] Data)[]> Disturbances()
    {
        (UsbSetupPacket, byte[]) Out(byte request, ushort value, params byte[] data) =>
            (new UsbSetupPacket(0x21, request, value, 0, (ushort)data.Length), data);
        (UsbSetupPacket, byte[]) In(byte request, ushort value, ushort length) =>
            (new UsbSetupPacket(0xA1, request, value, 0, length), []);

        yield return [];
        yield return [Out(Dnload, 0, 0x21, 0, 0, 0, 8)];
        yield return [Out(Dnload, 0, 0x21, 0, 0, 0, 8), In(GetStatus, 0, 6)];
        yield return [Out(Dnload, 0, 0x21, 0, 0, 0, 8), In(GetStatus, 0, 6), In(GetStatus, 0, 6)];
        yield return [Out(Dnload, 0, 0x41, 0, 0, 4, 8), In(GetStatus, 0, 6)];
        yield return [In(Upload, 2, 64)];
        yield return [Out(Dnload, 0, 0x21, 0, 0, 0, 0x70), In(GetStatus, 0, 6), In(GetStatus, 0, 6)];
        yield return [Out(Dnload, 1, 1, 2, 3), In(GetStatus, 0, 6)];
    }
}
