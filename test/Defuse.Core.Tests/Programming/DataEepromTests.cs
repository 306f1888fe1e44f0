using Defuse.Core.Tests.Planning;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>Data EEPROM is read by address, and written as it is: compare, write, verify, with no erase.</summary>
public class DataEepromTests
{
    private const string Board = "b-l072z-lrwan1";
    private const uint Eeprom = 0x08080000;

    private static readonly FlashOptions Options = FlashOptions.Default with { Start = false };

    [Fact]
    public async Task Bytes_for_it_are_written_without_an_erase_and_their_neighbours_stay()
    {
        using var bench = new Bench(Board);
        await using var target = await bench.OpenAsync();
        var programmer = new Programmer(target);
        var first = FlashPlannerTests.Image((Eeprom, [1, 2, 3, 4, 5, 6, 7, 8]));
        Assert.Equal(FlashOutcome.Verified, (await programmer.FlashAsync(first, Options, null, Bench.Cancel)).Outcome);
        var image = FlashPlannerTests.Image((0x08000000, FlashPlannerTests.Program(1000)), (Eeprom + 4, [0x00, 0xFF, 0x5A, 0xA5]));

        var plan = FlashPlanner.Plan(image, target.Description, Options);
        var report = await programmer.FlashAsync(image, Options, null, Bench.Cancel);

        Assert.Contains("\neeprom   4 bytes, written without an erase\n", FlashPlanText.Render(plan), StringComparison.Ordinal);
        Assert.DoesNotContain(plan.Erases, x => x.Range.Start >= Eeprom);
        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(1004, report.BytesVerified);
        var found = await programmer.ReadAsync(new AddressRange(Eeprom, 8), null, Bench.Cancel);
        Assert.Equal([1, 2, 3, 4, 0x00, 0xFF, 0x5A, 0xA5], found.Segments.Single().Data.ToArray());

        Assert.Equal(0, (await programmer.FlashAsync(image, Options, null, Bench.Cancel)).BytesWritten);
    }

    [Fact]
    public async Task Bytes_as_erased_flash_has_them_are_written_too()
    {
        using var bench = new Bench(Board);
        await using var target = await bench.OpenAsync();
        var programmer = new Programmer(target);
        await programmer.FlashAsync(FlashPlannerTests.Image((Eeprom, [.. Enumerable.Repeat((byte)0x5A, 3000)])), Options, null, Bench.Cancel);
        var blank = FlashPlannerTests.Image((Eeprom, [.. Enumerable.Repeat(target.Description.ErasedByte, 3000)]));

        Assert.Equal(FlashOutcome.Verified, (await programmer.FlashAsync(blank, Options, null, Bench.Cancel)).Outcome);
    }

    [Fact]
    public async Task It_is_kept_when_the_chip_is_erased()
    {
        using var bench = new Bench(Board);
        await using var target = await bench.OpenAsync();
        var programmer = new Programmer(target);
        var image = FlashPlannerTests.Image((Eeprom, [1, 2, 3, 4]));
        await programmer.FlashAsync(image, Options, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, (await programmer.EraseAsync(null, Options, null, Bench.Cancel)).Outcome);
        Assert.Equal(FlashOutcome.Verified, (await programmer.VerifyAsync(image, Options, null, Bench.Cancel)).Outcome);
        Assert.Equal(FlashOutcome.Refused, (await programmer.EraseAsync(new AddressRange(Eeprom, 4), Options, null, Bench.Cancel)).Outcome);
    }

    [Fact]
    public async Task What_is_overwritten_is_in_the_backup()
    {
        using var bench = new Bench(Board);
        await using var target = await bench.OpenAsync();
        var programmer = new Programmer(target);
        await programmer.FlashAsync(FlashPlannerTests.Image((Eeprom, [1, 2, 3, 4, 5, 6, 7, 8])), Options, null, Bench.Cancel);
        FirmwareImage? saved = null;

        var report = await programmer.FlashAsync(
            FlashPlannerTests.Image((Eeprom + 2, [9, 9, 9, 9])),
            Options with
            {
                Backup = (image, _) =>
                {
                    saved = image;
                    return default;
                },
            },
            null,
            Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        var segment = Assert.Single(saved!.Segments);
        Assert.Equal(Eeprom + 2, segment.Range.Start);
        Assert.Equal([3, 4, 5, 6], segment.Data.ToArray());
    }

    [Fact]
    public async Task A_first_write_that_is_refused_changed_nothing()
    {
        using var bench = new Bench(Board);
        await using var target = await bench.OpenAsync();
        var isRefused = false;
        bench.Wire.Intercept = (_, setup) =>
        {
            isRefused |= setup is { Request: 1, Value: >= 2 };
            return !isRefused ? null
                : setup.Request == 1 ? UsbControlResponse.Ack
                : setup.Request == 3 ? new UsbControlResponse(UsbControlStatus.Ack, new byte[] { 8, 0, 0, 0, 10, 0 })
                : null;
        };

        var report = await new Programmer(target).FlashAsync(FlashPlannerTests.Image((Eeprom, [1, 2, 3, 4])), Options, null, Bench.Cancel);

        Assert.True(isRefused);
        Assert.Equal(FlashOutcome.Failed, report.Outcome);
        Assert.All(report.Ranges, x => Assert.NotEqual(RangeState.Indeterminate, x.State));
    }
}
