using Defuse.Core.Tests.Planning;
using Defuse.Images;
using Defuse.Programming;
using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>DESIGN, promise 2: after every interruption the report is true of every range, and a second run finishes the job.</summary>
public sealed class Promise_2_an_interruption_never_lies
{
    private const byte Dnload = 1;
    private const byte GetStatus = 3;

    // Two sectors that change, one of them the vector table's, one that is kept, and a short last block.
    private static readonly byte[] Old = FlashPlannerTests.Program(0x18000 + 777, seed: 1);

    public static TheoryData<string, TransportFailure> Faults => new()
    {
        { "nucleo-f767zi", TransportFailure.Disconnected },
        { "nucleo-f767zi", TransportFailure.Stall },
        { "pybv11", TransportFailure.Disconnected },
        { "nucleo-h743zi", TransportFailure.Disconnected },
    };

    [Theory]
    [MemberData(nameof(Faults))]
    public async Task The_board_is_lost_at_any_transfer(string board, TransportFailure failure)
    {
        var (transfers, _) = await CountAsync(board);
        Assert.InRange(transfers, 50, 2_000);
        for (var at = 0; at < transfers; at += at < 30 || at > transfers - 10 ? 1 : 7)
        {
            using var bench = await PreparedAsync(board);
            var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
            await using (var target = await bench.OpenAsync())
            {
                bench.Wire.Requests.Clear();
                bench.Wire.Intercept = (number, _) => Fail(bench, number, at, failure);

                var report = await new Programmer(target).FlashAsync(New, Planning, null, Bench.Cancel);

                bench.AssertTrue(report, New, before);
                if (failure == TransportFailure.Disconnected)
                {
                    // Only the device's way back to dfuIDLE (GETSTATUS, ABORT, GETSTATUS) comes after the proof.
                    Assert.Equal(at >= transfers - 3, report.IsSuccess);
                    Assert.Equal(report.IsSuccess, report.Warnings.Any(x => x.Contains("not left ready", StringComparison.Ordinal)));
                }

                if (!report.IsSuccess)
                {
                    Assert.NotNull(report.Error);
                    Assert.Equal(
                        report.Ranges.Any(x => x.State is not (RangeState.Untouched or RangeState.Verified)),
                        report.Outcome is FlashOutcome.Incomplete);
                }
            }

            bench.Replug();
            Assert.Equal(FlashOutcome.Verified, (await bench.FlashAsync(New)).Outcome);
            bench.AssertHolds(New);
        }
    }

    [Theory]
    [MemberData(nameof(Bench.Boards), MemberType = typeof(Bench))]
    public async Task It_is_cancelled_at_any_transfer(string board)
    {
        var (transfers, _) = await CountAsync(board);
        for (var at = 0; at < transfers; at += at < 30 || at > transfers - 10 ? 1 : 7)
        {
            using var bench = await PreparedAsync(board);
            var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
            using var cancel = new CancellationTokenSource();
            var target = await bench.OpenAsync();
            bench.Wire.Requests.Clear();
            bench.Wire.Answered = (number, _) => number == at ? cancel.CancelAsync() : Task.CompletedTask;

            var report = await new Programmer(target).FlashAsync(New, Planning, null, cancel.Token);

            bench.AssertTrue(report, New, before);
            Assert.True(
                report.Outcome is FlashOutcome.Cancelled || (report.Outcome == FlashOutcome.Verified && at > transfers - 20),
                $"cancelled at transfer {at}, and the report says {report.Outcome}");
            Assert.DoesNotContain(report.Ranges, x => x.State == RangeState.Indeterminate);
            Assert.Equal(2, await StateAsync(bench));

            bench.Wire.Answered = null;
            Assert.Equal(FlashOutcome.Verified, (await new Programmer(target).FlashAsync(New, Planning, null, Bench.Cancel)).Outcome);
            bench.AssertHolds(New);
        }
    }

    [Fact]
    public async Task Interrupted_anywhere_the_vector_table_is_there_only_when_all_the_rest_is()
    {
        var (transfers, _) = await CountAsync("nucleo-f767zi");
        var first = New.Slice(new AddressRange(0x08000000, 8)).Segments[0].Data;
        for (var at = 0; at < transfers; at += 5)
        {
            using var bench = await PreparedAsync("nucleo-f767zi");
            await using var target = await bench.OpenAsync();
            bench.Wire.Requests.Clear();
            bench.Wire.Intercept = (number, _) => Fail(bench, number, at, TransportFailure.Disconnected);

            var report = await new Programmer(target).FlashAsync(New, Planning, null, Bench.Cancel);

            var found = bench.Flash(new AddressRange(0x08000000, 8));
            if (report.Outcome == FlashOutcome.Incomplete && first.Span.SequenceEqual(found))
            {
                // The table's block is in the last run: everything before it is complete.
                Assert.All(New.Slice(AddressRange.FromBounds(0x08008000, 0x08020000)).Segments, x => Assert.Equal(x.Data.ToArray(), bench.Flash(x.Range)));
            }
        }
    }

    [Fact]
    public async Task A_request_that_times_out_is_told_with_its_address()
    {
        using var bench = await PreparedAsync("nucleo-f767zi");
        var before = bench.Flash(new AddressRange(0x08000000, bench.Board.Chip.FlashSize));
        await using var target = await bench.OpenAsync();
        var hangs = false;
        bench.Wire.Answered = async (_, setup) =>
        {
            // From its third block on, the board hangs for longer than any request may take.
            hangs |= setup is { Request: Dnload, Value: 4 };
            await Task.Delay(TimeSpan.FromSeconds(hangs && setup.Request == GetStatus ? 60 : 0), bench.Board.Clock);
        };

        var report = await new Programmer(target).FlashAsync(New, Planning, null, Bench.Cancel);

        Assert.Equal(FlashOutcome.Incomplete, report.Outcome);
        Assert.Equal(TransportFailure.Timeout, Assert.IsType<TransportException>(report.Error).Failure);
        Assert.NotNull(report.Error!.Address);
        Assert.Contains(report.Ranges, x => x.State == RangeState.Indeterminate && x.Range.Contains(report.Error.Address!.Value));
        bench.AssertTrue(report, New, before);
    }

    private static FirmwareImage New { get; } = MakeNew();

    private static Defuse.Planning.FlashOptions Planning { get; } = Defuse.Planning.FlashOptions.Default with { Start = false };

    private static FirmwareImage MakeNew()
    {
        var bytes = Old.ToArray();
        bytes[4] ^= 0x10;
        bytes[0x100] ^= 0xFF;
        bytes[0x17FFF] ^= 0xFF;
        bytes[^1] ^= 0xFF;
        return FlashPlannerTests.Image((0x08000000, bytes));
    }

    private static async Task<Bench> PreparedAsync(string board)
    {
        var bench = new Bench(board);
        bench.FillFlash();
        await bench.FlashAsync(FlashPlannerTests.Image((0x08000000, Old)));
        bench.Replug();
        return bench;
    }

    private static async Task<(int Transfers, FlashReport Report)> CountAsync(string board)
    {
        using var bench = await PreparedAsync(board);
        await using var target = await bench.OpenAsync();
        bench.Wire.Requests.Clear();
        var report = await new Programmer(target).FlashAsync(New, Planning, null, Bench.Cancel);
        Assert.Equal(FlashOutcome.Verified, report.Outcome);
        return (bench.Wire.Requests.Count, report);
    }

    private static UsbControlResponse? Fail(Bench bench, int number, int at, TransportFailure failure)
    {
        if (number < at || (failure == TransportFailure.Stall && number > at))
        {
            return null;
        }

        if (failure == TransportFailure.Stall)
        {
            return UsbControlResponse.Stall;
        }

        bench.Board.Unplug();
        return UsbControlResponse.Disconnected;
    }

    private static async Task<byte> StateAsync(Bench bench)
    {
        var peripheral = bench.Board.Peripheral!;
        var response = await peripheral.ControlAsync(new UsbSetupPacket(0xA1, 5, 0, 0, 1), default, Bench.Cancel);
        return response.Data.Span[0];
    }
}
