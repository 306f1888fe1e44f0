using System.Text;
using Defuse.Core.Tests.Planning;
using Defuse.Images;
using Defuse.Inspection;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Core.Tests.Programming;

/// <summary>DESIGN, promise 3, for what reaches a device; files that are refused as such are the formats' tests.</summary>
public sealed class Promise_3_what_does_not_fit_is_refused_before_the_first_erase
{
    public static TheoryData<string, FlashAllowances> Misfits => new()
    {
        { "outside", FlashAllowances.Outside },
        { "chip", FlashAllowances.Chip },
        { "usb", FlashAllowances.Chip },
    };

    [Theory]
    [MemberData(nameof(Misfits))]
    public async Task It_is_refused_with_nothing_sent_and_done_when_allowed_by_name(string misfit, FlashAllowances allowance)
    {
        using var bench = new Bench();
        bench.FillFlash();
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        var data = FlashPlannerTests.Program(10_000);
        if (misfit == "chip")
        {
            Encoding.ASCII.GetBytes("MicroPython v1.14 on 2021-02-02; PYBv1.1 with STM32F405RG\0").CopyTo(data, 5000);
        }

        var builder = new FirmwareImageBuilder();
        builder.Add(0x08000000, data);
        if (misfit == "outside")
        {
            builder.Add(0x90000000, [1, 2, 3]);
        }

        var options = FlashOptions.Default with { Start = false, MadeFor = misfit == "usb" ? new MadeFor { Usb = new UsbIdentity(0x28E9, 0x0189) } : null };
        await using var target = await bench.OpenAsync();
        bench.Wire.Requests.Clear();

        var report = await new Programmer(target).FlashAsync(builder.Build(), options, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Refused, report.Outcome);
        Assert.NotNull(report.Error!.Remedy);
        Assert.DoesNotContain(bench.Wire.Requests, x => x.Request == 1);
        Assert.Equal(before, bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize)));

        var allowed = await new Programmer(target).FlashAsync(builder.Build(), options with { Allow = allowance }, null, Bench.Cancel);
        Assert.Equal(FlashOutcome.Verified, allowed.Outcome);
        Assert.NotEmpty(allowed.Warnings);
    }

    [Fact]
    public async Task A_vector_table_that_looks_wrong_is_a_warning_only()
    {
        using var bench = new Bench();

        var report = await bench.FlashAsync(FlashPlannerTests.Image((0x08000000, FlashPlannerTests.Bytes(5000))));

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        Assert.Contains(report.Warnings, x => x.Contains("vector table", StringComparison.Ordinal));
    }
}
