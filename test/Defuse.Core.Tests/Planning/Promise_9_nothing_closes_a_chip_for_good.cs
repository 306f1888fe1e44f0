using Defuse.Core.Tests.Programming;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Core.Tests.Planning;

/// <summary>DESIGN, promise 9: this version has no words that close a chip, and no file or option does it in passing.</summary>
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

        var erase = await new Programmer(target).EraseAsync(new AddressRange(optionBytes, 4), FlashOptions.Default, null, Bench.Cancel);
        Assert.Equal(FlashOutcome.Refused, erase.Outcome);
    }
}
