using Defuse.Core.Tests.Programming;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Transports;

namespace Defuse.Core.Tests.Targets.Dfu;

/// <summary>What failed for no reason that the device names is repeated, where that is safe, a few times, and told.</summary>
public sealed class RetryTests
{
    private const byte Dnload = 1;
    private const byte Upload = 2;
    private const byte GetState = 5;
    private const byte Abort = 6;

    private static readonly FlashOptions Options = FlashOptions.Default with { Start = false };

    [Theory]
    [InlineData("nucleo-f767zi", Dnload, 0)]
    [InlineData("nucleo-f767zi", Dnload, 2)]
    [InlineData("nucleo-f767zi", Upload, 2)]
    [InlineData("nucleo-f767zi", Upload, 3)]
    [InlineData("nucleo-f767zi", GetState, 0)]
    [InlineData("nucleo-f767zi", Abort, 0)]
    [InlineData("nucleo-h743zi", Dnload, 3)]
    [InlineData("nucleo-h563zi", Dnload, 3)]
    [InlineData("nucleo-h563zi", Upload, 3)]
    public async Task A_request_that_stalls_once_is_repeated_and_told(string board, byte request, ushort value)
    {
        using var bench = new Bench(board);
        bench.FillFlash();
        await using var target = await bench.OpenAsync();
        var image = ProgrammerTests.Firmware(bench, 50_000);
        var stalls = 0;
        bench.Wire.Intercept = (_, setup) =>
            setup.Request == request && setup.Value == value && stalls++ == 0 ? UsbControlResponse.Stall : null;

        var report = await new Programmer(target).FlashAsync(image, Options, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        bench.AssertHolds(image);
        Assert.True(stalls > 0);
        if (request is not GetState)
        {
            Assert.Equal(1, report.Retries);
            Assert.Contains("1 transfer had to be repeated", report.Warnings);
        }
    }

    [Theory]
    [InlineData("nucleo-f767zi")]
    [InlineData("nucleo-h743zi")]
    [InlineData("nucleo-h563zi")]
    public async Task A_block_whose_answer_was_lost_is_not_programmed_twice(string board)
    {
        using var bench = new Bench(board);
        await using var target = await bench.OpenAsync();
        var image = ProgrammerTests.Firmware(bench, 50_000);
        var blocks = 0;
        bench.Wire.Lose = setup => setup is { Request: Dnload, Value: >= 2 } && ++blocks is 5 or 9;

        var report = await new Programmer(target).FlashAsync(image, Options, null, Bench.Cancel);

        // The device took the block, and the host was told that it did not.
        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        bench.AssertHolds(image);
        Assert.Equal(2, report.Retries);
        Assert.Equal(report.BytesWritten, bench.Board.Chip.ProgrammedBytes);
    }

    [Fact]
    public async Task A_block_that_is_half_there_is_not_written_over()
    {
        using var bench = new Bench("nucleo-h743zi");
        bench.FillFlash();
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        await using var target = await bench.OpenAsync();
        var image = ProgrammerTests.Firmware(bench, 50_000);
        var blocks = 0;
        uint? spoiled = null;
        bench.Wire.Intercept = (_, setup) =>
        {
            if (setup is not { Request: Dnload, Value: >= 2 } || ++blocks != 5)
            {
                return null;
            }

            spoiled = 0x08000000 + (4 * 1024);
            bench.Board.Chip.WriteFlash(spoiled.Value, [1, 2, 3]);
            return UsbControlResponse.Stall;
        };

        var report = await new Programmer(target).FlashAsync(image, Options, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.Equal(spoiled, report.Error!.Address);
        Assert.Equal(5, blocks);
        bench.AssertTrue(report, image, before);

        bench.Replug();
        Assert.Equal(FlashOutcome.Verified, (await bench.FlashAsync(image)).Outcome);
    }

    [Theory]
    [InlineData(Dnload, 0)]
    [InlineData(Dnload, 2)]
    [InlineData(Upload, 2)]
    [InlineData(Abort, 0)]
    public async Task What_stalls_again_and_again_is_given_up(byte request, ushort value)
    {
        using var bench = new Bench();
        bench.FillFlash();
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        await using var target = await bench.OpenAsync();
        var image = ProgrammerTests.Firmware(bench, 50_000);
        bench.Wire.Requests.Clear();
        bench.Wire.Intercept = (_, setup) => setup.Request == request && setup.Value == value ? UsbControlResponse.Stall : null;

        var report = await new Programmer(target).FlashAsync(image, Options with { Compare = value != 2 || request == Upload }, null, Bench.Cancel);

        Assert.False(report.IsSuccess);
        Assert.InRange(report.Retries, request == Abort ? 1 : 3, 24);
        Assert.InRange(bench.Wire.Requests.Count(x => x.Request == request && x.Value == value), 4, 30);
        Assert.InRange(report.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(30));
        bench.AssertTrue(report, image, before);
    }

    [Fact]
    public async Task A_read_that_gets_no_answer_is_repeated()
    {
        using var bench = new Bench();
        bench.FillFlash();
        await using var target = await bench.OpenAsync();
        var late = 0;
        bench.Wire.Answered = (_, setup) => setup is { Request: Upload, Value: 4 } && late++ == 0
            ? Task.Delay(TimeSpan.FromSeconds(6), bench.Board.Clock)
            : Task.CompletedTask;
        var range = new AddressRange(0x08000000, 20_000);

        var image = await new Programmer(target).ReadAsync(range, null, Bench.Cancel);

        Assert.Equal(FirmwareImage.FromBytes(range.Start, bench.Flash(range)), image);
        Assert.True(late > 0);
    }

    [Fact]
    public async Task What_left_the_bus_is_not_asked_again()
    {
        using var bench = new Bench();
        await using var target = await bench.OpenAsync();
        bench.Wire.Requests.Clear();
        bench.Wire.Intercept = (_, setup) => setup is { Request: Dnload, Value: 3 } ? UsbControlResponse.Disconnected : null;

        var report = await new Programmer(target).FlashAsync(ProgrammerTests.Firmware(bench, 50_000), Options, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.Equal(0, report.Retries);
        Assert.Equal((Dnload, 3), (bench.Wire.Requests[^1].Request, (int)bench.Wire.Requests[^1].Value));
    }

    [Fact]
    public async Task A_descriptor_that_is_refused_once_is_asked_for_again()
    {
        using var bench = new Bench();
        var refused = new HashSet<ushort>();
        bench.Wire.InterceptStandard = setup =>
            setup is { Request: UsbStandardRequest.GetDescriptor, Value: 0x0200 or 0x0304 } && setup.Length > 18 && refused.Count < 2 && IsOpening(bench) && refused.Add(setup.Value)
                ? UsbControlResponse.Stall
                : null;

        await using var target = await bench.OpenAsync();

        Assert.NotEmpty(target.Description.Memory.Regions);
        Assert.Equal(0x08000000u, target.Description.Memory.Flash!.Start);
    }

    [Fact]
    public async Task Each_report_tells_of_its_own_repeats()
    {
        using var bench = new Bench();
        await using var target = await bench.OpenAsync();
        var image = ProgrammerTests.Firmware(bench, 10_000);
        var stalls = 0;
        bench.Wire.Intercept = (_, setup) => setup is { Request: Upload, Value: 2 } && stalls++ < 2 ? UsbControlResponse.Stall : null;

        var first = await new Programmer(target).FlashAsync(image, Options, null, Bench.Cancel);
        var second = await new Programmer(target).FlashAsync(image, Options, null, Bench.Cancel);

        Assert.Equal((2, 0), (first.Retries, second.Retries));
        Assert.Contains("2 transfers had to be repeated", first.Warnings);
        Assert.Empty(second.Warnings);
    }

    // Before that the host enumerates it, which an operating system does.
    private static bool IsOpening(Bench bench) => bench.Wire.IsConfigured;
}
