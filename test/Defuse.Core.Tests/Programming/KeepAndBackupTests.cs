using Defuse.Core.Tests.Planning;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>Bytes outlive an erase where that is asked for, and what is overwritten can be had back.</summary>
public class KeepAndBackupTests
{
    private const byte Dnload = 1;

    private static readonly FlashOptions Options = FlashOptions.Default with { Start = false };

    [Theory]
    [MemberData(nameof(Bench.Boards), MemberType = typeof(Bench))]
    public async Task Everything_that_the_image_has_no_bytes_for_is_kept(string name)
    {
        using var bench = new Bench(name);
        bench.FillFlash();
        var expected = All(bench);
        var image = Image(bench, 1000, 0x234);
        Put(expected, image);

        var report = await bench.FlashAsync(image, Options with { KeepUnwritten = true });

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(expected, All(bench));
        Assert.Equal(report.Plan!.Image.ByteCount, report.BytesVerified);
        Assert.Equal(bench.Board.Chip.Sectors[0].Size, report.Plan.Image.ByteCount);
        Assert.Equal(bench.Board.Chip.Sectors[0].Size - 1000, report.Plan.Keeps.Sum(x => x.Length));
        bench.AssertTrue(report, report.Plan.Image, expected);
    }

    [Fact]
    public async Task A_range_that_is_kept_wins_over_the_image_and_that_is_said()
    {
        using var bench = new Bench();
        bench.FillFlash();
        var before = All(bench);
        var image = Image(bench, 1000, 0);

        var report = await bench.FlashAsync(image, Options with { Keep = [new AddressRange(0x08000100, 0x100), new AddressRange(0x0800_7000, 0x2000)] });

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Contains(report.Warnings, x => x == "256 bytes of the file lie in what is kept: left out");
        Assert.Contains(report.Warnings, x => x.Contains("take a backup as well", StringComparison.Ordinal));
        var after = All(bench);
        Assert.Equal(before[0x100..0x200], after[0x100..0x200]);
        Assert.Equal(image.Segments[0].Data.Span[..0x100].ToArray(), after[..0x100]);
        Assert.Equal(before[0x7000..0x9000], after[0x7000..0x9000]);
        Assert.DoesNotContain(after[1000..0x7000], x => x != 0xFF);
    }

    [Fact]
    public async Task All_of_the_chip_is_erased_and_what_is_kept_is_there_again()
    {
        using var bench = new Bench("pybv11");
        bench.FillFlash();
        var before = All(bench);
        var keep = new AddressRange(0x080E0100, 500);

        var report = await bench.FlashAsync(Image(bench, 1000, 0), Options with { EraseChip = true, Keep = [keep] });

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(1, bench.Board.Chip.MassErases);
        var after = All(bench);
        var at = (int)(keep.Start - 0x08000000);
        Assert.Equal(before[at..(at + 500)], after[at..(at + 500)]);
        Assert.DoesNotContain(after[(at + 500)..], x => x != 0xFF);
    }

    [Fact]
    public async Task Where_nothing_changes_nothing_is_read_for_keeping()
    {
        using var bench = new Bench();
        var image = Image(bench, 1000, 0);
        await bench.FlashAsync(image, Options);
        var saved = 0;

        var report = await bench.FlashAsync(image, Options with { KeepUnwritten = true, Backup = (_, _) => Count(ref saved) });

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal((0, 0L, 0), (saved, report.BytesWritten, report.SectorsErased));
    }

    [Fact]
    public void A_file_that_lies_whole_in_what_is_kept_is_refused()
    {
        using var bench = new Bench();
        var target = ChipDatabase.Default.FindId(0x451)!.ToTarget();
        var e = Assert.Throws<PlanRefusedException>(() => FlashPlanner.Plan(Image(bench, 100, 0), target, Options with { Keep = [new AddressRange(0x08000000, 4096)] }));
        Assert.Equal(RefusalKind.Image, e.Refusals[0].Kind);
    }

    [Fact]
    public void Of_memory_that_cannot_be_read_nothing_is_kept_or_saved()
    {
        using var bench = new Bench();
        var target = ChipDatabase.Default.FindId(0x451)!.ToTarget() with { IsReadable = false };
        foreach (var options in new[] { Options with { KeepUnwritten = true }, Options with { Backup = (_, _) => default } })
        {
            var e = Assert.Throws<PlanRefusedException>(() => FlashPlanner.Plan(Image(bench, 100, 0), target, options));
            Assert.Equal(RefusalKind.Backup, e.Refusals[0].Kind);
            e = Assert.Throws<PlanRefusedException>(() => FlashPlanner.PlanErase(null, target, options with { Backup = (_, _) => default }));
            Assert.Equal(RefusalKind.Backup, e.Refusals[0].Kind);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(8)]
    public async Task Cut_off_after_the_erase_the_backup_has_all_back(int transfers)
    {
        using var bench = new Bench();
        bench.FillFlash();
        var before = All(bench);
        var image = Image(bench, 60_000, 0x1000);
        FirmwareImage? saved = null;
        var options = Options with { KeepUnwritten = true, Backup = (bytes, _) => Take(bytes, ref saved) };
        bench.Wire.Intercept = (_, setup) => saved is not null && setup.Request == Dnload && transfers-- <= 0 ? UsbControlResponse.Disconnected : null;

        var report = await bench.FlashAsync(image, options);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        bench.AssertTrue(report, report.Plan!.Image, before);
        Assert.Equal([new AddressRange(0x08000000, 64 * 1024)], saved!.Segments.Select(x => x.Range));

        bench.Replug();
        Assert.Equal(FlashOutcome.Verified, (await bench.FlashAsync(saved, Options)).Outcome);
        Assert.Equal(before, All(bench));
        Put(before, image);
        Assert.Equal(FlashOutcome.Verified, (await bench.FlashAsync(image, Options with { KeepUnwritten = true })).Outcome);
        Assert.Equal(before, All(bench));
    }

    [Fact]
    public async Task A_backup_that_cannot_be_written_stops_everything_before_the_first_erase()
    {
        using var bench = new Bench();
        bench.FillFlash();
        var before = All(bench);
        var options = Options with { Backup = (_, _) => throw new IOException("the disk is full") };

        var report = await bench.FlashAsync(Image(bench, 1000, 0), options);
        await using var target = await bench.OpenAsync();
        var erase = await new Programmer(target).EraseAsync(null, options, null, Bench.Cancel);

        Assert.Equal((FlashOutcome.Refused, FlashOutcome.Refused), (report.Outcome, erase.Outcome));
        Assert.Contains("the disk is full", report.Error!.Message, StringComparison.Ordinal);
        Assert.Equal(before, All(bench));
    }

    [Fact]
    public async Task An_erase_saves_its_sectors_first()
    {
        using var bench = new Bench();
        bench.FillFlash();
        var before = All(bench);
        FirmwareImage? saved = null;
        await using var target = await bench.OpenAsync();

        var report = await new Programmer(target).EraseAsync(new AddressRange(0x08010000, 1), Options with { Backup = (bytes, _) => Take(bytes, ref saved) }, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(before[0x10000..0x18000], saved!.Segments.Single().Data.ToArray());
    }

    [Fact]
    public void The_plan_says_what_is_kept_and_saved()
    {
        using var bench = new Bench();
        var target = ChipDatabase.Default.FindId(0x451)!.ToTarget();

        var text = FlashPlanText.Render(FlashPlanner.Plan(Image(bench, 1000, 0), target, Options with { KeepUnwritten = true, Backup = (_, _) => default }));

        Assert.Contains("\nbackup   32768 bytes, read and saved before the first erase\n", text, StringComparison.Ordinal);
        Assert.Contains("\nkeep     31768 bytes in 1 range, read before the first erase and written back\n           0x080003E8-0x08007FFF    31768\n", text, StringComparison.Ordinal);
    }

    private static FirmwareImage Image(Bench bench, int length, uint offset)
    {
        var bytes = FlashPlannerTests.Program(length);
        return FirmwareImage.FromBytes(bench.Board.Chip.FlashAddress + offset, bytes);
    }

    private static byte[] All(Bench bench) => bench.Flash(new AddressRange(bench.Board.Chip.FlashAddress, bench.Board.Chip.FlashSize));

    private static void Put(byte[] flash, FirmwareImage image)
    {
        foreach (var segment in image.Segments)
        {
            segment.Data.Span.CopyTo(flash.AsSpan((int)(segment.Range.Start - 0x08000000)));
        }
    }

    private static ValueTask Take(FirmwareImage image, ref FirmwareImage? saved)
    {
        saved = image;
        return default;
    }

    private static ValueTask Count(ref int count)
    {
        count++;
        return default;
    }
}
