using System.Text;
using Defuse.Core.Tests.Planning;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>DESIGN, promise 1.</summary>
public sealed class Promise_1_success_is_said_only_of_bytes_read_back
{
    private const byte Dnload = 1;
    private const byte Upload = 2;

    [Fact]
    public async Task Without_reading_back_it_is_written_and_unverified()
    {
        using var bench = new Bench();
        bench.FillFlash();

        var report = await bench.FlashAsync(
            ProgrammerTests.Firmware(bench, 10_000), FlashOptions.Default with { Compare = false, Verify = false, Start = false });

        Assert.Equal(FlashOutcome.WrittenUnverified, report.Outcome);
        Assert.Equal(0, report.BytesVerified);
        Assert.DoesNotContain(report.Ranges, x => x.State == RangeState.Verified);
    }

    [Fact]
    public async Task A_device_that_acknowledges_writes_and_programs_nothing_is_found_out()
    {
        using var bench = new Bench();

        // As an STM32U5 does at read-out protection level 1: a block that never arrives, and a status that says it did.
        bench.Wire.Intercept = (number, setup) =>
            setup is { Request: Dnload, Value: >= 2, Length: > 0 } ? UsbControlResponse.Ack
            : setup.Request == 3 && number > 0 && bench.Wire.Requests[number - 1] is { Request: Dnload, Value: >= 2 } ? Status(4)
            : setup.Request == 3 && number > 1 && bench.Wire.Requests[number - 2] is { Request: Dnload, Value: >= 2 } ? Status(5)
            : null;

        var report = await bench.FlashAsync(ProgrammerTests.Firmware(bench, 10_000));

        Assert.Equal(FlashOutcome.Differs, report.Outcome);
    }

    [Fact]
    public async Task A_wrong_addressing_rule_cannot_hide()
    {
        using var bench = new Bench();
        var image = FlashPlannerTests.Image((0x08040000, FlashPlannerTests.Bytes(40 * 2048)));

        // A device that multiplies block numbers by twice the size that it names, both ways: what it writes wrongly it
        // also reads wrongly.
        bench.Wire.Rewrite = x => x.Request is Dnload or Upload && x.Value > 2 ? x with { Value = (ushort)(((x.Value - 2) * 2) + 2) } : x;

        var report = await bench.FlashAsync(image, FlashOptions.Default with { Compare = false, Start = false });

        Assert.Equal(FlashOutcome.Differs, report.Outcome);

        await using var target = await bench.OpenAsync();
        var sameBase = await new Programmer(target).ReadAsync(image.Extent!.Value, null, Bench.Cancel);
        Assert.True(sameBase.Equals(image), "read from where it was written from, everything looks right");
    }

    [Fact]
    public async Task A_neighbour_that_an_erase_destroyed_after_it_was_compared_is_found_out()
    {
        using var bench = new Bench();
        var bytes = FlashPlannerTests.Program(0x18000);
        await bench.FlashAsync(FlashPlannerTests.Image((0x08000000, bytes)));
        bytes[0x8005] ^= 1;

        // The sector behind is damaged while the one before it is written.
        bench.Wire.Answered = (_, setup) =>
        {
            if (setup is { Request: Dnload, Value: 3 })
            {
                bench.Board.Chip.WriteFlash(0x08010010, [0]);
            }

            return Task.CompletedTask;
        };
        bytes[0x10010] = 0x55;
        bench.Board.Chip.WriteFlash(0x08010010, [0x55]);

        var report = await bench.FlashAsync(FlashPlannerTests.Image((0x08000000, bytes)));

        Assert.Equal(1, report.SectorsErased);
        Assert.Equal(FlashOutcome.Differs, report.Outcome);
        Assert.Equal(0x08010010u, report.Error!.Address);
    }

    [Fact]
    public async Task Bit_rot_between_writing_and_reading_is_found_out()
    {
        using var bench = new Bench();
        var image = ProgrammerTests.Firmware(bench, 50_000);
        bench.Wire.Answered = (_, setup) =>
        {
            // The last run, that of the vector table's sector, has 16 blocks; the sector behind it is complete by then.
            if (setup is { Request: Dnload, Value: 17 })
            {
                bench.Board.Chip.WriteFlash(0x08008000 + 2048, [0xA5, 0x5A]);
            }

            return Task.CompletedTask;
        };

        var report = await bench.FlashAsync(image);

        Assert.Equal(FlashOutcome.Differs, report.Outcome);
        Assert.InRange(report.Error!.Address!.Value, 0x08008800u, 0x08008801u);
    }

    [Fact]
    public async Task What_an_erase_spoils_next_to_its_sector_is_found_on_a_known_chip_too()
    {
        using var bench = new Bench("nucleo-h743zi");
        var bytes = FlashPlannerTests.Program(600_000);
        await bench.FlashAsync(FlashPlannerTests.Image((0x08000000, bytes)));
        bytes[150_000] ^= 0x10;
        var image = FlashPlannerTests.Image((0x08000000, bytes));
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        bench.Wire.Intercept = (_, setup) =>
        {
            // The last sector of the image is far from the one that is erased, the one behind it is near.
            if (setup is { Request: Dnload, Value: 2 })
            {
                bench.Board.Chip.WriteFlash(0x08040000, new byte[16]);
                bench.Board.Chip.WriteFlash(0x08080000, new byte[16]);
            }

            return null;
        };

        var report = await bench.FlashAsync(image);

        Assert.Equal(FlashOutcome.Differs, report.Outcome);
        Assert.Equal(0x08040000u, report.Error!.Address);
        Assert.Equal(RangeState.Different, report.Ranges.Single(x => x.Range.Contains(0x08080000)).State);
        bench.AssertTrue(report, image, before);
    }

    // On a chip whose sectors are known, what was compared before and lies further than a block from an erase is proven by that
    // comparison. Where another chip may have other sectors, it is read again.
    [Theory]
    [InlineData("nucleo-h743zi", null, false)]
    [InlineData("nucleo-f767zi", "2M single", false)]
    [InlineData("nucleo-f767zi", "1M single", false)]
    [InlineData("nucleo-f767zi", "1M dual", true)]
    [InlineData("pybv11", null, true)]
    [InlineData("nucleo-g431kb", null, false)]
    public async Task What_an_erase_spoils_far_away_is_found_where_the_sectors_are_not_settled(string board, string? variant, bool isFound)
    {
        using var bench = variant?.Split(' ') is [var flash, var bank] ? new Bench(board, ("flash", flash), ("bank", bank)) : new Bench(board);
        if (variant == "1M dual")
        {
            // A ROM that announces one bank, of a chip in two; an F745 has these sectors too, and no such bit.
            var name = Encoding.Unicode.GetBytes("@Internal Flash  /0x08000000/04*032Kg,01*128Kg,03*256Kg");
            byte[] descriptor = [(byte)(name.Length + 2), 3, .. name];
            bench.Wire.InterceptStandard = x => x is { Request: UsbStandardRequest.GetDescriptor, Value: 0x0304 }
                ? new UsbControlResponse(UsbControlStatus.Ack, descriptor.AsMemory(0, Math.Min(x.Length, descriptor.Length)))
                : null;
        }

        var bytes = FlashPlannerTests.Program((int)bench.Board.Chip.FlashSize);
        await bench.FlashAsync(FlashPlannerTests.Image((0x08000000, bytes)));
        bytes[0x1010] ^= 0x10;
        var far = (uint)(0x08000000 + bytes.Length - 0x2000);
        bench.Wire.Intercept = (_, setup) =>
        {
            if (setup is { Request: Dnload, Value: 2 })
            {
                bench.Board.Chip.WriteFlash(far, new byte[16]);
            }

            return null;
        };

        var report = await bench.FlashAsync(FlashPlannerTests.Image((0x08000000, bytes)));

        Assert.Equal(1, report.SectorsErased);
        Assert.Equal(isFound ? FlashOutcome.Differs : FlashOutcome.Verified, report.Outcome);
        Assert.Equal(isFound ? far : null, report.Error?.Address);
    }

    private static UsbControlResponse Status(byte state) => new(UsbControlStatus.Ack, new byte[] { 0, 0, 0, 0, state, 0 });
}
