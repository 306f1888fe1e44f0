using Defuse.Core.Tests.Planning;
using Defuse.Core.Tests.Programming;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Defuse.Simulator;

namespace Defuse.Core.Tests.Faults;

/// <summary>A board with a fault, with old firmware in two areas and what is to be flashed in a third; each is a sector, or many.</summary>
internal sealed class FaultBench : IDisposable
{
    private const int SmallestArea = 8 * 1024;

    private readonly Bench _bench;
    private byte _erasedByte = 0xFF;

    /// <param name="board">Its name, with at most one option: NAME?OPTION=VALUE.</param>
    /// <param name="script">What goes wrong.</param>
    /// <param name="isProtected">Whether its read-out protection is on.</param>
    public FaultBench(string board, string script, bool isProtected = false)
    {
        var parts = board.Split('?', '=');
        (string, string)[] options = [("fault", script), ("rdp", isProtected ? "1" : "0"), .. parts.Length == 3 ? new[] { (parts[1], parts[2]) } : []];
        _bench = new Bench(parts[0], options);
        var start = _bench.Board.Chip.FlashAddress;
        var area = Math.Max(SmallestArea, _bench.Board.Chip.Sectors[0].Size);
        Image = ImageFor(start, area, seed: 7);
        var old = new byte[3 * area];
        new Random(3).NextBytes(old);
        _bench.Board.Chip.WriteFlash(start, old);
        foreach (var segment in Image.Slice(new AddressRange(start + (2 * (uint)area), area)).Segments)
        {
            _bench.Board.Chip.WriteFlash(segment.Range.Start, segment.Data.Span);
        }

        Before = AllFlash();
        ErasedRange = new AddressRange(start, 2 * area);
    }

    public SimulatedBoard Board => _bench.Board;

    public FirmwareImage Image { get; }

    /// <summary>Two areas.</summary>
    public AddressRange ErasedRange { get; }

    /// <summary>What all flash held at first.</summary>
    public byte[] Before { get; }

    /// <summary>Does one piece of work from opening the board to closing it.</summary>
    /// <returns>The report, where the work has one.</returns>
    public async Task<FlashReport?> RunAsync(FaultOperation operation)
    {
        await using var target = await _bench.OpenAsync();
        _erasedByte = target.Description.ErasedByte;
        var programmer = new Programmer(target);
        switch (operation)
        {
            case FaultOperation.Flash:
                return await programmer.FlashAsync(Image, FlashOptions.Default, null, Bench.Cancel);
            case FaultOperation.Verify:
                return await programmer.VerifyAsync(Image, FlashOptions.Default, null, Bench.Cancel);
            case FaultOperation.Erase:
                return await programmer.EraseAsync(ErasedRange, FlashOptions.Default, null, Bench.Cancel);
            case FaultOperation.Unprotect:
                return await programmer.UnprotectAsync(null, Bench.Cancel);
            case FaultOperation.Read:
                var image = await programmer.ReadAsync(ErasedRange, null, Bench.Cancel);
                var bytes = new byte[ErasedRange.Length];
                _bench.Board.Chip.ReadFlash(ErasedRange.Start, bytes);
                Assert.Equal(bytes, image.Segments[0].Data.ToArray());
                return null;
            case FaultOperation.Start:
                await programmer.StartAsync(null, Bench.Cancel);
                return null;
            default:
                throw new ArgumentOutOfRangeException(nameof(operation), operation, "Say how it is run.");
        }
    }

    /// <summary>Flashes an image.</summary>
    public Task<FlashReport> FlashAsync(FirmwareImage image, FlashOptions options) => _bench.FlashAsync(image, options);

    /// <summary>Every range of a report against what the chip really holds.</summary>
    public void AssertTrue(FlashReport report, FirmwareImage image) => _bench.AssertTrue(report, image, Before);

    public byte[] AllFlash() => _bench.Flash(new AddressRange(Board.Chip.FlashAddress, Board.Chip.FlashSize));

    /// <summary>Every range of the report, and all flash outside of it, against what the chip really holds.</summary>
    /// <param name="report">The report.</param>
    /// <param name="operation">What was done.</param>
    public void AssertTrue(FlashReport report, FaultOperation operation)
    {
        _bench.AssertTrue(report, operation is FaultOperation.Erase or FaultOperation.Unprotect ? Blank(report) : Image, Before);
        var now = AllFlash();
        var start = 0;
        foreach (var (range, _) in report.Ranges)
        {
            var at = (int)(range.Start - Board.Chip.FlashAddress);
            Assert.True(now.AsSpan(start..at).SequenceEqual(Before.AsSpan(start..at)), $"what lies before {range} changed, and no report says so");
            start = at + (int)range.Length;
        }

        Assert.True(now.AsSpan(start).SequenceEqual(Before.AsSpan(start)), "what lies behind the report's ranges changed");
    }

    public void AssertHolds(FaultOperation operation)
    {
        if (operation == FaultOperation.Flash)
        {
            _bench.AssertHolds(Image);
        }
        else if (operation == FaultOperation.Unprotect)
        {
            Assert.Equal(0, Board.Chip.ReadProtectionLevel);
            Assert.False(AllFlash().AsSpan().ContainsAnyExcept(Board.Chip.ErasedByte));
        }
        else if (operation == FaultOperation.Erase)
        {
            Assert.False(_bench.Flash(ErasedRange).AsSpan().ContainsAnyExcept(_erasedByte));
        }
    }

    /// <summary>Turns back the bits that have flipped, where nobody can have noticed that they did.</summary>
    public void Unrot()
    {
        foreach (var address in Board.RottenBytes)
        {
            var cell = new byte[1];
            Board.Chip.ReadFlash(address, cell);
            cell[0] ^= 1;
            Board.Chip.WriteFlash(address, cell);
        }
    }

    public void AssertUnchanged() => Assert.Equal(Before, AllFlash());

    /// <summary>Gives memory what the work needs to succeed, where it changes nothing itself; what it holds is the state before.</summary>
    public void Prepare(FaultOperation operation)
    {
        if (operation is FaultOperation.Verify or FaultOperation.Start)
        {
            foreach (var segment in Image.Segments)
            {
                Board.Chip.WriteFlash(segment.Range.Start, segment.Data.Span);
            }
        }

        AllFlash().CopyTo(Before, 0);
    }

    public void Dispose() => _bench.Dispose();

    private static FirmwareImage Blank(FlashReport report)
    {
        var builder = new FirmwareImageBuilder();
        foreach (var (range, _) in report.Ranges)
        {
            var bytes = new byte[range.Length];
            bytes.AsSpan().Fill(report.Plan!.Target.ErasedByte);
            builder.Add(range.Start, bytes);
        }

        return builder.Build();
    }

    private static FirmwareImage ImageFor(uint start, int area, int seed)
    {
        var second = new byte[5_000];
        new Random(seed).NextBytes(second);
        return FlashPlannerTests.Image(
            (start, FlashPlannerTests.Program(0x1000 + 777, seed)), (start + (uint)area, second), (start + (2 * (uint)area), second[..3_000]));
    }
}
