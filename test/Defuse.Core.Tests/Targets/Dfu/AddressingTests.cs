using Defuse.Core.Tests.Planning;
using Defuse.Core.Tests.Programming;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Transports;

namespace Defuse.Core.Tests.Targets.Dfu;

/// <summary>Block numbers that count up: trusted where they are known to be right, tried where they are not.</summary>
public sealed class AddressingTests
{
    private const byte Dnload = 1;
    private const byte Upload = 2;

    private static readonly FlashOptions WriteOnly = FlashOptions.Default with { Compare = false, Verify = false, Start = false };

    [Theory]
    [InlineData("pybv11")]
    [InlineData("nucleo-f767zi")]
    [InlineData("nucleo-h743zi")]
    public async Task A_known_device_gets_one_address_command_a_run(string board)
    {
        // Revision V of an H743 is brought back from an erase by force, which costs an address command more.
        using var bench = new Bench(board, board == "nucleo-h743zi" ? [("rev", "y")] : []);
        await using var target = await bench.OpenAsync();
        bench.Wire.Requests.Clear();

        var report = await new Programmer(target).FlashAsync(Sector(bench, 40 * 1024), WriteOnly, null, Bench.Cancel);

        // One for the probe, one for the run.
        Assert.Equal(report.SectorsErased + 2, Commands(bench));
        Assert.Equal(Enumerable.Range(2, 40 * 1024 / target.Description.BlockSize), Blocks(bench).Select(x => (int)x.Value));
    }

    [Theory]
    [InlineData("nucleo-h563zi")]
    [InlineData("b-l072z-lrwan1")]
    [InlineData("nucleo-g431kb")]
    [InlineData("pybd-sf6")]
    public async Task An_unknown_device_is_tried_on_its_first_blocks_and_then_trusted(string board)
    {
        using var bench = new Bench(board);
        await using var target = await bench.OpenAsync();
        bench.Wire.Requests.Clear();
        var image = Sector(bench, 64 * 1024);

        var report = await new Programmer(target).FlashAsync(image, WriteOnly, null, Bench.Cancel);

        bench.AssertHolds(image);
        Assert.Equal([2, 2, 3], Blocks(bench).Take(3).Select(x => (int)x.Value));
        Assert.InRange(Commands(bench) - report.SectorsErased, 5, 10);
        Assert.InRange(Blocks(bench).Count(x => x.Value == 2), 2, 5);
        Assert.InRange(bench.Wire.Requests.Count(x => x.Request == Upload), 4, 6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_device_that_counts_otherwise_gets_an_address_before_every_block(bool isBlank)
    {
        using var bench = new Bench("nucleo-h563zi");
        if (!isBlank)
        {
            bench.FillFlash();
        }

        CountsTwice(bench, _ => true);
        var image = Sector(bench, 64 * 1024);

        var report = await bench.FlashAsync(image);

        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        bench.AssertHolds(image);
        Assert.All(Blocks(bench), x => Assert.Equal(2, x.Value));
        Assert.Equal(64, Blocks(bench).Count);
    }

    [Fact]
    public async Task A_device_that_counts_otherwise_is_read_right()
    {
        using var bench = new Bench("nucleo-h563zi");
        bench.FillFlash();
        CountsTwice(bench, _ => true);
        await using var target = await bench.OpenAsync();
        var range = new AddressRange(0x08000200, 50_000);

        var image = await new Programmer(target).ReadAsync(range, null, Bench.Cancel);

        Assert.Equal(FirmwareImage.FromBytes(range.Start, bench.Flash(range)), image);
    }

    [Fact]
    public async Task A_device_that_only_writes_elsewhere_is_found_out_and_nothing_is_claimed()
    {
        using var bench = new Bench("nucleo-h563zi");
        bench.FillFlash();
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        CountsTwice(bench, x => x.Request == Dnload);
        var image = Sector(bench, 64 * 1024);

        var report = await bench.FlashAsync(image);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.Contains("elsewhere", report.Error!.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(report.Ranges, x => x.State is RangeState.Blank or RangeState.Written);
        bench.AssertTrue(report, image, before);
        Assert.Equal(3, Blocks(bench).Count);
    }

    [Fact]
    public async Task A_device_that_cannot_be_read_gets_an_address_before_every_block()
    {
        using var bench = new Bench("nucleo-h563zi");
        var configuration = await ConfigurationAsync(bench);

        // bitCanUpload of the functional descriptor, which is the last one.
        configuration[^7] &= 0xFD;
        bench.Wire.InterceptStandard = setup => setup is { Request: UsbStandardRequest.GetDescriptor, Value: 0x0200 }
            ? new UsbControlResponse(UsbControlStatus.Ack, configuration.AsMemory(0, Math.Min(configuration.Length, setup.Length)))
            : null;
        await using var target = await bench.OpenAsync();
        bench.Wire.Requests.Clear();
        var image = Sector(bench, 20 * 1024);

        var report = await new Programmer(target).FlashAsync(image, WriteOnly, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.WrittenUnverified, report.Outcome);
        bench.AssertHolds(image);
        Assert.All(Blocks(bench), x => Assert.Equal(2, x.Value));
        Assert.Equal(20 + report.SectorsErased, Commands(bench));
        Assert.DoesNotContain(bench.Wire.Requests, x => x.Request == Upload);
    }

    // Blocks twice as far apart as their numbers say.
    private static void CountsTwice(Bench bench, Func<UsbSetupPacket, bool> which) =>
        bench.Wire.Rewrite = setup => setup is { Request: Dnload or Upload, Value: > 2 } && which(setup)
            ? new UsbSetupPacket(setup.RequestType, setup.Request, (ushort)((2 * setup.Value) - 2), setup.Index, setup.Length)
            : setup;

    // Somewhere behind the vector table, so that there is one run.
    private static FirmwareImage Sector(Bench bench, int count) =>
        FlashPlannerTests.Image((bench.Board.Chip.FlashAddress + (uint)(bench.Board.Chip.FlashSize / 4), FlashPlannerTests.Bytes(count)));

    private static int Commands(Bench bench) => bench.Wire.Requests.Count(x => x is { Request: Dnload, Value: 0, Length: 5 });

    private static List<UsbSetupPacket> Blocks(Bench bench) => [.. bench.Wire.Requests.Where(x => x is { Request: Dnload, Value: >= 2 })];

    private static async Task<byte[]> ConfigurationAsync(Bench bench)
    {
        var peripheral = await bench.Board.AttachAsync(Bench.Cancel);
        var response = await peripheral.ControlAsync(new UsbSetupPacket(0x80, UsbStandardRequest.GetDescriptor, 0x0200, 0, 255), default, Bench.Cancel);
        return response.Data.ToArray();
    }
}
