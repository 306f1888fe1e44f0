using Defuse.Core.Tests.Programming;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Core.Tests.Planning;

/// <summary>DESIGN, promise 9: what closes a chip, or part of it, for good is done only when its exact words are typed; option bytes are never written.</summary>
public sealed class Promise_9_nothing_closes_a_chip_for_good
{
    private const FlashAllowances Everything =
        FlashAllowances.Chip | FlashAllowances.Outside | FlashAllowances.Protected;

    [Theory]
    [InlineData("nucleo-f767zi", 0x1FFF0000u, 0x1FF0F000u)]
    [InlineData("pybv11", 0x1FFFC000u, 0x1FFF7800u)]
    [InlineData("nucleo-h743zi", 0x5200201Cu, 0x5200201Cu)]
    public async Task Option_bytes_and_otp_stay_as_they_are_whatever_is_allowed(string board, uint optionBytes, uint otp)
    {
        using var bench = new Bench(board);
        await using var target = await bench.OpenAsync();
        byte[] before = [.. bench.Board.Chip.ReadOptionBytes(), .. bench.Board.Chip.ReadOtp()];
        var builder = new FirmwareImageBuilder();
        builder.Add(0x08000000, FlashPlannerTests.Program(1000));
        builder.Add(optionBytes, new byte[16]);
        if (otp != optionBytes)
        {
            builder.Add(otp, new byte[16]);
        }

        foreach (var options in new[] { FlashOptions.Default, FlashOptions.Default with { EraseChip = true } })
        {
            var report = await new Programmer(target).FlashAsync(builder.Build(), options with { Allow = Everything, Start = false }, null, Bench.Cancel);

            Assert.Equal(FlashOutcome.Verified, report.Outcome);
            Assert.Equal(1000, report.BytesVerified);
            Assert.Equal(before.AsEnumerable(), [.. bench.Board.Chip.ReadOptionBytes(), .. bench.Board.Chip.ReadOtp()]);
        }

        // The one pair of words that there is opens OTP, and nothing else.
        if (otp == optionBytes)
        {
            return;
        }

        var words = await new Programmer(target).FlashAsync(
            FlashPlannerTests.Image((optionBytes, new byte[16])), FlashOptions.Default with { Allow = Everything | FlashAllowances.OtpForGood, Start = false }, null, Bench.Cancel);
        Assert.Equal(FlashOutcome.Refused, words.Outcome);
        Assert.Equal(before.AsEnumerable(), [.. bench.Board.Chip.ReadOptionBytes(), .. bench.Board.Chip.ReadOtp()]);

        var erase = await new Programmer(target).EraseAsync(new AddressRange(optionBytes, 4), FlashOptions.Default, null, Bench.Cancel);
        Assert.Equal(FlashOutcome.Refused, erase.Outcome);
    }

    [Fact]
    public async Task Otp_is_written_when_its_words_are_typed_and_only_bits_go_from_1_to_0()
    {
        const uint Otp = 0x1FFF7800;
        using var bench = new Bench("pybv11");
        await using var target = await bench.OpenAsync();
        var programmer = new Programmer(target);
        var options = FlashOptions.Default with { Allow = FlashAllowances.OtpForGood, Start = false };
        var image = FlashPlannerTests.Image((0x08000000, FlashPlannerTests.Program(100)), (Otp + 32, [0xF0, 0x0F, 0x55, 0xAA]));

        var plan = FlashPlanner.Plan(image, target.Description, options);
        Assert.Contains("\notp      4 bytes, written for good", FlashPlanText.Render(plan), StringComparison.Ordinal);
        Assert.DoesNotContain(plan.Erases, x => x.Range.Contains(Otp));
        var report = await programmer.FlashAsync(image, options, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Contains(report.Warnings, x => x.Contains("4 bytes were written to one-time programmable memory, for good", StringComparison.Ordinal));
        Assert.Equal([0xF0, 0x0F, 0x55, 0xAA], bench.Board.Chip.ReadOtp()[32..36]);
        Assert.Equal(528 - 4, bench.Board.Chip.ReadOtp().Count(x => x == 0xFF));

        // The same again writes nothing; fewer bits are taken; a bit that would have to rise is refused before anything is done.
        Assert.Equal(0, (await programmer.FlashAsync(image, options, null, Bench.Cancel)).BytesWritten);
        Assert.Equal(FlashOutcome.Verified, (await programmer.FlashAsync(FlashPlannerTests.Image((Otp + 32, [0xF0, 0x0F, 0x55, 0x00])), options, null, Bench.Cancel)).Outcome);
        var rising = await programmer.FlashAsync(
            FlashPlannerTests.Image((0x08000000, FlashPlannerTests.Program(100, 7)), (Otp + 32, [0xF0, 0x0F, 0x55, 0x80])), options, null, Bench.Cancel);
        Assert.Equal(FlashOutcome.Refused, rising.Outcome);
        Assert.Equal(Otp + 35, rising.Error!.Address);
        Assert.Equal(0, rising.SectorsErased);
        Assert.Equal([0xF0, 0x0F, 0x55, 0x00], bench.Board.Chip.ReadOtp()[32..36]);
    }

    [Theory]
    [InlineData("stm32l476g-disco", 0x1FFF7000u, 8)]
    [InlineData("b-u585i-iot02a", 0x0BFA0000u, 16)]
    public async Task Units_that_are_written_once_and_hold_their_bytes_are_left_alone(string board, uint otp, int unit)
    {
        using var bench = new Bench(board);
        await using var target = await bench.OpenAsync();
        var programmer = new Programmer(target);
        var options = FlashOptions.Default with { Allow = FlashAllowances.OtpForGood, Start = false };
        var bytes = FlashPlannerTests.Bytes(4 * unit, seed: 3);

        // What was cut off after the second unit, and one that was there before.
        Assert.Equal(FlashOutcome.Verified, (await programmer.FlashAsync(FlashPlannerTests.Image((otp, bytes[..(2 * unit)])), options, null, Bench.Cancel)).Outcome);
        Assert.Equal(FlashOutcome.Verified, (await programmer.FlashAsync(FlashPlannerTests.Image(((uint)(otp + (3 * unit)), bytes[(3 * unit)..])), options, null, Bench.Cancel)).Outcome);
        var image = FlashPlannerTests.Image((bench.Board.Chip.FlashAddress, FlashPlannerTests.Program(100)), (otp, bytes));
        var report = await programmer.FlashAsync(image, options with { KeepUnwritten = true }, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Equal(unit, report.Plan!.Writes.Where(x => x.Range.Start >= otp && x.Range.Start < otp + bytes.Length).Sum(x => x.Range.Length));
        Assert.Equal(bytes, bench.Board.Chip.ReadOtp()[..bytes.Length]);
    }

    [Fact]
    public async Task A_backup_does_not_pretend_to_bring_otp_back()
    {
        using var bench = new Bench("pybv11");
        await using var target = await bench.OpenAsync();
        var options = FlashOptions.Default with { Allow = FlashAllowances.OtpForGood, Start = false, Backup = (_, _) => default };

        var report = await new Programmer(target).FlashAsync(FlashPlannerTests.Image((0x1FFF7800, [1, 2, 3, 4])), options, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Contains(report.Warnings, x => x.StartsWith("no backup brings one-time programmable memory back", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(8, new byte[] { 0xFF, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, new byte[] { 0x00, 0x00, 0, 0, 0, 0, 0, 0 }, false)]
    [InlineData(8, new byte[] { 0xFF, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, new byte[] { 0xFF, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, true)]
    [InlineData(8, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF }, new byte[] { 0x00, 0x00, 0, 0, 0, 0, 0, 0 }, true)]
    [InlineData(4, new byte[] { 0xFF, 0x00, 0xFF, 0xFF }, new byte[] { 0x00, 0x00, 0, 0 }, true)]
    public void A_unit_with_an_error_correcting_code_is_written_once(int unit, byte[] found, byte[] wanted, bool isTaken)
    {
        Assert.Equal(isTaken, OtpCheck.Check(new ImageSegment(0x1FFF7000, wanted), found, unit) is null);
    }
}
