using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Simulator;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>A simulated board on a bench: its true flash can be seen, and its wire can be spoiled.</summary>
internal sealed class Bench : IDisposable
{
    public Bench(string board = "nucleo-f767zi", params (string Name, string Value)[] options)
    {
        Board = SimulatedBoardCatalog.Create(
            board, 0, options.ToDictionary(x => x.Name, x => x.Value, StringComparer.Ordinal), null, VirtualClockMode.Stepped);
        Wire = new FaultySocket(Board);
    }

    public static TheoryData<string> Boards => ["nucleo-f767zi", "pybv11", "nucleo-h743zi"];

    public SimulatedBoard Board { get; }

    public FaultySocket Wire { get; }

    public List<ProgrammingEvent> Events { get; } = [];

    public static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async Task<DfuTarget> OpenAsync() =>
        (DfuTarget)await DfuDevice.OpenAsync(new UsbPeripheralHost([Wire]), Board.Location, Board.Location, ChipDatabase.Default, Cancel);

    public Task<FlashReport> FlashAsync(FirmwareImage image, CancellationToken? cancellationToken = null) =>
        FlashAsync(image, FlashOptions.Default with { Start = false }, cancellationToken);

    public async Task<FlashReport> FlashAsync(FirmwareImage image, FlashOptions options, CancellationToken? cancellationToken = null)
    {
        await using var target = await OpenAsync();
        return await new Programmer(target).FlashAsync(image, options, new Listener(Events), cancellationToken ?? Cancel);
    }

    /// <summary>What a board that is pulled out and plugged in again is like.</summary>
    public void Replug()
    {
        Board.Unplug();
        Wire.Intercept = null;
        Wire.Rewrite = null;
        Wire.Answered = null;
        Wire.Requests.Clear();
        Events.Clear();
    }

    public byte[] Flash(AddressRange range)
    {
        var bytes = new byte[range.Length];
        Board.Chip.ReadFlash(range.Start, bytes);
        return bytes;
    }

    /// <summary>Fills all flash, as old firmware does.</summary>
    public void FillFlash(int seed = 99)
    {
        var bytes = new byte[Board.Chip.FlashSize];
        new Random(seed).NextBytes(bytes);
        Board.Chip.WriteFlash(Board.Chip.FlashAddress, bytes);
    }

    /// <summary>Compares every range of a report with what the chip really holds.</summary>
    /// <param name="report">The report.</param>
    /// <param name="image">What was to be flashed.</param>
    /// <param name="before">What all flash held before.</param>
    public void AssertTrue(FlashReport report, FirmwareImage image, byte[] before)
    {
        foreach (var (range, state) in report.Ranges)
        {
            var found = Flash(range);
            var image1 = image.Slice(range);
            switch (state)
            {
                case RangeState.Verified:
                    foreach (var segment in image1.Segments)
                    {
                        Assert.True(segment.Data.Span.SequenceEqual(found.AsSpan((int)(segment.Range.Start - range.Start), segment.Data.Length)), $"{segment} is called verified");
                    }

                    break;
                case RangeState.Blank:
                    Assert.True(!found.AsSpan().ContainsAnyExcept(report.Plan!.Target.ErasedByte), $"{range} is called blank");
                    break;
                case RangeState.Written:
                    foreach (var segment in image1.Segments)
                    {
                        Assert.True(segment.Data.Span.SequenceEqual(found.AsSpan((int)(segment.Range.Start - range.Start), segment.Data.Length)), $"{segment} is called written");
                    }

                    break;
                case RangeState.Untouched:
                    var old = before.AsSpan((int)(range.Start - Board.Chip.FlashAddress), found.Length);
                    Assert.True(old.SequenceEqual(found), $"{range} is called untouched");
                    break;
                case RangeState.Different:
                    Assert.Contains(image1.Segments, x => !x.Data.Span.SequenceEqual(found.AsSpan((int)(x.Range.Start - range.Start), x.Data.Length)));
                    break;
                default:
                    break;
            }
        }
    }

    /// <summary>Asserts that flash holds an image.</summary>
    public void AssertHolds(FirmwareImage image)
    {
        foreach (var segment in image.Segments)
        {
            Assert.True(segment.Data.Span.SequenceEqual(Flash(segment.Range)), $"flash holds {segment}");
        }
    }

    public void Dispose() => Board.Dispose();

    private sealed class Listener(List<ProgrammingEvent> events) : IProgress<ProgrammingEvent>
    {
        public void Report(ProgrammingEvent value) => events.Add(value);
    }
}
