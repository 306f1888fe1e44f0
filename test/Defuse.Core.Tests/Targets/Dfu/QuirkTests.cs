using Defuse.Core.Tests.Planning;
using Defuse.Core.Tests.Programming;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Targets;
using Defuse.Transports;

namespace Defuse.Core.Tests.Targets.Dfu;

/// <summary>Each quirk of data/quirks.txt, on the simulated board that has it.</summary>
public sealed class QuirkTests
{
    private const byte Dnload = 1;
    private const byte Upload = 2;
    private const byte GetStatus = 3;
    private const byte ClrStatus = 4;

    private static readonly FlashOptions NoStart = FlashOptions.Default with { Start = false };

    [Fact]
    public async Task An_erase_that_never_seems_to_end_is_called_off_and_looked_at()
    {
        using var bench = new Bench("nucleo-h743zi", ("rev", "v"));
        bench.FillFlash();
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        var image = FlashPlannerTests.Image((0x080E0000, FlashPlannerTests.Bytes(300_000)));

        var report = await bench.FlashAsync(image);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        bench.AssertHolds(image);
        bench.AssertTrue(report, image, before);

        // Two sectors of the second bank. One of the first took 1 s, so 2 s are enough.
        Assert.Equal(4, bench.Wire.Requests.Count(x => x.Request == ClrStatus));
        Assert.InRange(report.Elapsed, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(13));
    }

    [Fact]
    public async Task An_erase_that_is_called_off_too_early_is_not_called_done()
    {
        using var bench = new Bench("nucleo-h743zi", ("rev", "v"));
        bench.FillFlash();
        await using var target = await bench.OpenAsync();
        bench.Wire.Intercept = (_, setup) =>
        {
            if (setup.Request == ClrStatus)
            {
                bench.Board.Chip.WriteFlash(0x0811FFFF, [0x55]);
            }

            return null;
        };

        var e = await Assert.ThrowsAsync<DeviceRefusedException>(async () => await target.EraseSectorAsync(0x08100000, Bench.Cancel));

        Assert.Contains("still there", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_board_that_comes_back_as_its_bootloader_is_not_called_started()
    {
        using var bench = new Bench("nucleo-h743zi", ("rev", "v"));

        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 10_000), FlashOptions.Default);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Null(report.Started);
        Assert.Null(bench.Board.RunningFrom);
        Assert.Contains(report.Warnings, x => x.Contains("not started", StringComparison.Ordinal) && x.Contains("BOOT0", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_board_that_does_not_come_back_is_called_started()
    {
        using var bench = new Bench("nucleo-h743zi", ("rev", "v"), ("boot0", "low"));

        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 10_000), FlashOptions.Default);

        Assert.Equal(StartOutcome.Left, report.Started);
        Assert.Equal(0x08000000u, bench.Board.RunningFrom);
    }

    [Fact]
    public async Task The_functional_descriptor_is_never_asked_for_alone()
    {
        using var bench = new Bench("nucleo-c562re");
        var standard = new List<UsbSetupPacket>();
        bench.Wire.InterceptStandard = setup =>
        {
            standard.Add(setup);
            return null;
        };

        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 50_000));

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.DoesNotContain(standard, x => x.Request == UsbStandardRequest.GetDescriptor && x.Value >> 8 == 0x21);
    }

    [Fact]
    public async Task Clrstatus_is_sent_in_dfuERROR_only()
    {
        using var bench = new Bench("nucleo-c562re");
        await using var target = await bench.OpenAsync();
        var programmer = new Programmer(target);
        Assert.Equal(FlashOutcome.Verified, (await programmer.FlashAsync(ProgrammerTests.Firmware(bench, 50_000), NoStart, null, Bench.Cancel)).Outcome);
        Assert.DoesNotContain(bench.Wire.Requests, x => x.Request == ClrStatus);

        // An address where nothing is leads to dfuERROR, from where only CLRSTATUS leads back.
        await Assert.ThrowsAnyAsync<DefuseException>(async () => await target.EraseSectorAsync(0x20000000, Bench.Cancel));
        Assert.Equal(FlashOutcome.Verified, (await programmer.FlashAsync(ProgrammerTests.Firmware(bench, 60_000, 2), NoStart, null, Bench.Cancel)).Outcome);
        Assert.Equal(1, bench.Wire.Requests.Count(x => x.Request == ClrStatus));
    }

    [Theory]
    [InlineData("nucleo-h743zi", 1024)]
    [InlineData("nucleo-g431kb", 1024)]
    [InlineData("pybv11", 2048)]
    public async Task Blocks_are_as_long_as_the_device_says(string board, int blockSize)
    {
        using var bench = new Bench(board);

        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 30_000));

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(blockSize, bench.Wire.Requests.Where(x => x.Request is Dnload or Upload).Max(x => x.Length));
    }

    [Fact]
    public async Task A_mass_erase_may_take_far_longer_than_announced()
    {
        using var bench = new Bench("pybv11");
        bench.FillFlash();
        await using var target = await bench.OpenAsync();
        var isErasing = false;
        bench.Wire.Answered = async (_, setup) =>
        {
            // As long as the slowest were seen to take, in which nothing is answered.
            isErasing |= setup is { Request: Dnload, Length: 1 };
            if (isErasing && setup.Request == GetStatus)
            {
                isErasing = false;
                await Task.Delay(TimeSpan.FromSeconds(38), bench.Board.Clock);
            }
        };

        await target.EraseAllAsync(Bench.Cancel);

        Assert.Equal(1, bench.Board.Chip.MassErases);
        Assert.True(!bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize)).AsSpan().ContainsAnyExcept((byte)0xFF));
    }

    public static TheoryData<string, string, string, string> F767s => new()
    {
        { "single", "2M", "honest", "4x32 1x128 7x256" },
        { "dual", "2M", "honest", "4x16 1x64 7x128 4x16 1x64 7x128" },
        { "single", "1M", "honest", "4x32 1x128 3x256" },
        { "dual", "1M", "honest", "4x16 1x64 3x128 4x16 1x64 3x128" },
        { "dual", "1M", "2M", "4x16 1x64 3x128 4x16 1x64 3x128" },
    };

    [Theory]
    [MemberData(nameof(F767s))]
    public async Task An_f767_of_any_size_and_banks_is_erased_by_its_own_sectors(string bank, string flash, string map, string sectors)
    {
        using var bench = new Bench("nucleo-f767zi", ("bank", bank), ("flash", flash), ("map", map));
        bench.FillFlash();
        var all = new AddressRange(0x08000000, bench.Board.Chip.FlashSize);
        var before = bench.Flash(all);
        await using var target = await bench.OpenAsync();
        Assert.Equal(sectors, string.Join(' ', target.Description.Memory.Flash!.Runs.Select(x => $"{x.Count}x{x.SectorSize / 1024}")));

        // Around the border of the banks of 512 KB, where the maps differ.
        var image = FlashPlannerTests.Image((0x0807F000, FlashPlannerTests.Bytes(0x9000)));
        var report = await new Programmer(target).FlashAsync(image, NoStart, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        bench.AssertHolds(image);
        bench.AssertTrue(report, image, before);
        var touched = bench.Board.Chip.Sectors.Where(x => new AddressRange(x.Address, x.Size).Overlaps(image.Segments[0].Range)).ToList();
        Assert.Equal(touched.Count, report.SectorsErased);
        foreach (var sector in bench.Board.Chip.Sectors.Except(touched))
        {
            var range = new AddressRange(sector.Address, sector.Size);
            Assert.True(before.AsSpan((int)(range.Start - all.Start), sector.Size).SequenceEqual(bench.Flash(range)), $"{range} was changed");
        }
    }

    [Fact]
    public async Task An_f767_whose_size_cannot_be_found_out_is_not_changed()
    {
        using var bench = new Bench("nucleo-f767zi", ("bank", "dual"));
        bench.FillFlash();
        var isBehind = false;
        bench.Wire.Intercept = (number, setup) =>
        {
            // The look at 0x08100000 never gets an answer that means anything.
            isBehind |= bench.Wire.LastAddress == 0x08100000;
            return isBehind && setup.Request == Upload ? UsbControlResponse.Stall : null;
        };
        await using var target = await bench.OpenAsync();
        bench.Wire.Intercept = null;

        var flashed = await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 1000), NoStart, null, Bench.Cancel);
        var erased = await new Programmer(target).EraseAsync(null, FlashOptions.Default, null, Bench.Cancel);

        Assert.Equal((FlashOutcome.Refused, FlashOutcome.Refused), (flashed.Outcome, erased.Outcome));
        Assert.Contains("could not be found out", flashed.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(16, (await new Programmer(target).ReadAsync(new AddressRange(0x08000000, 16), null, Bench.Cancel)).ByteCount);
    }

    [Fact]
    public async Task Writes_that_are_confirmed_and_never_happen_are_found_at_the_first_block()
    {
        using var bench = new Bench("b-u585i-iot02a", ("rdp", "1"));
        bench.FillFlash();
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        var image = ProgrammerTests.Firmware(bench, 50_000);
        var options = NoStart with { Verify = false, Compare = false, Allow = FlashAllowances.Protected };

        var report = await bench.FlashAsync(image, options);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.Contains("confirmed a block", report.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(1, bench.Wire.Requests.Count(x => x is { Request: Dnload, Value: >= 2 }));
        Assert.DoesNotContain(report.Ranges, x => x.State is RangeState.Written or RangeState.Blank);
        bench.AssertTrue(report, image, before);
        Assert.Equal(0, report.BytesWritten);
    }

    [Theory]
    [InlineData("gd32vf103", "3CBJ", 128)]
    [InlineData("gd32f103", "3C8J", 64)]
    public async Task A_gd32_has_the_serial_number_the_pages_and_the_size_that_it_has(string board, string serial, int pages)
    {
        using var bench = new Bench(board);
        bench.FillFlash();
        await using var target = await bench.OpenAsync();

        Assert.Equal(serial, target.Description.SerialNumber);
        var run = Assert.Single(target.Description.Memory.Flash!.Runs);
        Assert.Equal((pages, 1024L), (run.Count, run.SectorSize));

        var image = ProgrammerTests.Firmware(bench, 20_000);
        var report = await new Programmer(target).FlashAsync(image, NoStart, null, Bench.Cancel);
        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(20, report.SectorsErased);
        bench.AssertHolds(image);
    }

    [Theory]
    [InlineData("gd32vf103", "silent")]
    [InlineData("gd32vf103", "dnload")]
    [InlineData("gd32f103", "usual")]
    [InlineData("gd32f103", "getstatus")]
    public async Task A_bootloader_that_leaves_without_an_answer_has_left(string board, string leave)
    {
        using var bench = new Bench(board, ("leave", leave));

        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 5_000), FlashOptions.Default);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.NotNull(report.Started);
        Assert.Equal(0x08000000u, bench.Board.RunningFrom);
    }

    [Fact]
    public async Task A_link_that_spoils_quick_requests_is_used_more_slowly()
    {
        using var bench = new Bench("32f072bdiscovery", ("port", "xhci"));
        bench.FillFlash();
        var image = ProgrammerTests.Firmware(bench, 30_000);

        var report = await bench.FlashAsync(image);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        bench.AssertHolds(image);
        Assert.InRange(report.Retries, 1, 10);
        Assert.Contains(report.Warnings, x => x.Contains("hub", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_link_that_goes_on_to_spoil_requests_is_told_with_the_hub_that_helps()
    {
        using var bench = new Bench("32f072bdiscovery");
        bench.FillFlash();
        await using var target = await bench.OpenAsync();
        bench.Wire.Intercept = (_, setup) => setup.Request == Upload ? UsbControlResponse.Stall : null;

        var report = await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 30_000), NoStart, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Failed, report.Outcome);
        Assert.IsType<TransportException>(report.Error);
        Assert.Contains("hub", report.Error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_protected_chip_on_such_a_link_is_still_called_protected()
    {
        using var bench = new Bench("32f072bdiscovery", ("rdp", "1"));

        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 30_000));

        Assert.Equal(FlashOutcome.Refused, report.Outcome);
        Assert.Equal(RefusalKind.Protected, Assert.IsType<PlanRefusedException>(report.Error).Refusals[0].Kind);
    }
}
