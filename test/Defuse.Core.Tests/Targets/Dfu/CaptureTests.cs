using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Defuse.Core.Tests.Programming;
using Defuse.Images;
using Defuse.Simulator;
using Defuse.Targets;
using Defuse.Targets.Dfu.Capturing;
using Defuse.Transports;

namespace Defuse.Core.Tests.Targets.Dfu;

public sealed class CaptureTests
{
    // Runs the program that it has, which offers no DFU mode.
    private const string InItsProgram = "dfu11-detach";

    public static TheoryData<string> Boards => [.. SimulatedBoardCatalog.Boards.Select(x => x.Name).Where(x => x != InItsProgram)];

    [Theory]
    [MemberData(nameof(Boards))]
    public async Task Nothing_in_a_chip_changes(string board)
    {
        using var bench = new Bench(board);
        bench.FillFlash();
        var before = Contents(bench);

        var lines = await CaptureAsync(bench, null);

        Assert.Equal(before, Contents(bench));
        Assert.NotEmpty(Section(lines, "descriptors"));
        Assert.NotEmpty(Section(lines, "the functional descriptor, asked for alone"));
        Assert.DoesNotContain(lines, x => x.TryGetProperty("out", out var data) && data.GetString()!.StartsWith("41", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_command_is_sent_to_a_plain_bootloader_whatever_version_it_announces()
    {
        using var bench = new Bench("dfu11-tolerant", ("version", "1.1a"));
        bench.FillFlash();
        var before = Contents(bench);

        var lines = await CaptureAsync(bench, null);

        Assert.Equal(before, Contents(bench));
        Assert.DoesNotContain(lines, x => x.SetupStarts("2101"));
        Assert.Contains(Section(lines, "descriptors"), x => x.SetupStarts("80060002") && x.In()[^2..] is [0x1A, 0x01]);
    }

    [Fact]
    public async Task A_device_that_runs_its_program_is_refused()
    {
        using var bench = new Bench(InItsProgram);
        bench.FillFlash();
        var error = await Assert.ThrowsAsync<DeviceRefusedException>(() => CaptureAsync(bench, null));
        Assert.Contains("BOOT0", error.Remedy, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Bench.Boards), MemberType = typeof(Bench))]
    public async Task Only_the_scratch_sectors_change_and_are_left_erased(string board)
    {
        using var bench = new Bench(board);
        bench.FillFlash();
        var sectors = bench.Board.Chip.Sectors;
        var before = Contents(bench);
        var scratch = AddressRange.FromBounds(sectors[3].Address + 100, sectors[5].Address - 1);

        var lines = await CaptureAsync(bench, scratch);

        var expected = before.ToArray();
        var start = (int)(sectors[3].Address - bench.Board.Chip.FlashAddress);
        expected.AsSpan(start, sectors[3].Size + sectors[4].Size).Fill(0xFF);
        Assert.Equal(expected, Contents(bench));
        Assert.Equal(Enumerable.Repeat(0xFF, 64).Select(x => (byte)x), Read(Section(lines, $"scratch: {sectors[3].Size} bytes at 0x{sectors[3].Address:X8}: erase in the end")));
        Assert.NotEqual(0xFF, Read(Section(lines, $"scratch: {sectors[3].Size} bytes at 0x{sectors[3].Address:X8}: write 64 bytes"))[0]);
    }

    [Fact]
    public async Task What_is_captured_is_what_the_board_is()
    {
        using var bench = new Bench("nucleo-f767zi");
        bench.FillFlash();
        var lines = await CaptureAsync(bench, AddressRange.FromBounds(0x08000000, 0x08008000));

        // Descriptors, byte for byte; the serial number is replaced.
        var peripheral = await bench.Board.AttachAsync(Bench.Cancel);
        var descriptors = Section(lines, "descriptors");
        foreach (var (type, index, language) in ((int, int, int)[])[(1, 0, 0), (2, 0, 0), (3, 0, 0), (3, 1, 0x409), (3, 2, 0x409), (3, 4, 0x409), (3, 5, 0x409), (3, 6, 0x409), (3, 7, 0x409)])
        {
            var setup = new UsbSetupPacket(0x80, 6, (ushort)((type << 8) | index), (ushort)language, 255);
            var own = await peripheral.ControlAsync(setup, default, Bench.Cancel);
            Assert.Contains(descriptors, x => x.SetupStarts($"8006{index:x2}{type:x2}{language & 0xFF:x2}{language >> 8:x2}") && x.In().AsSpan().SequenceEqual(own.Data.Span));
        }

        Assert.Contains(descriptors, x => x.SetupStarts("80060303") && UsbString.Decode(x.In()) == "000000000001");

        // Memory as it is, in the order of its blocks, and how long a block takes.
        var four = Section(lines, "alternate setting 0: reading four blocks").Where(x => x.SetupStarts("a102")).ToList();
        Assert.Equal(4, four.Count);
        Assert.All(four, x => Assert.Equal(2, x.GetProperty("took").GetDouble()));
        Assert.Equal(bench.Board.Chip.ReadOptionBytes()[..48], Read(Section(lines, "alternate setting 1: reading one block")));
        Assert.Equal(bench.Board.Chip.ReadOtp(), Read(Section(lines, "alternate setting 2: reading one block")));

        // 100 ms are announced for an address, and no more are needed; an erase keeps the endpoint for 250 ms.
        Assert.Equal("006400000400", Section(lines, "alternate setting 0: the address pointer").First(x => x.SetupStarts("a103")).GetProperty("in").GetString());
        var erase = Section(lines, "scratch: 32768 bytes at 0x08000000: erase");
        Assert.InRange(erase.Max(x => x.TryGetProperty("took", out var took) ? took.GetDouble() : 0), 100, 500);

        // Errors are told, and cleared.
        Assert.Equal("010000000a00", Section(lines, "an address that is in no memory").Last(x => x.SetupStarts("a103")).GetProperty("in").GetString());
        Assert.Contains(Section(lines, "UPLOAD of block 1"), x => x.SetupStarts("a10201") && x.GetProperty("status").GetString() == "stall");
        Assert.Equal("00214192", Section(lines, "the commands: UPLOAD of block 0").First(x => x.SetupStarts("a102")).GetProperty("in").GetString());

        // Flash that was not erased takes the bits that are zero in both.
        var address = 0x08000000u;
        var first = Enumerable.Range(0, 64).Select(x => (byte)(((x * 37) + 1) & 0xFF));
        var second = Enumerable.Range(0, 64).Select(x => (byte)(((x * 37) + 78) & 0xFF));
        Assert.Equal(
            first.Zip(second, (x, y) => (byte)(x & y)), Read(Section(lines, $"scratch: 32768 bytes at 0x{address:X8}: write again what was not erased")));
    }

    [Theory]
    [InlineData(0x1FFF0000u, 48)]
    [InlineData(0x20000000u, 64)]
    [InlineData(0x081FFFF0u, 64)]
    public async Task A_scratch_range_that_is_not_all_flash_is_refused_before_anything_is_asked_of_memory(uint start, int length)
    {
        using var bench = new Bench();
        bench.FillFlash();
        var before = Contents(bench);

        await Assert.ThrowsAsync<DeviceRefusedException>(() => CaptureAsync(bench, new AddressRange(start, length)));

        Assert.Equal(before, Contents(bench));
        Assert.Empty(bench.Wire.Requests);
    }

    [Fact]
    public async Task The_sectors_that_are_lost_are_told_before_the_first_is_erased()
    {
        using var bench = new Bench();
        bench.FillFlash();
        var before = Contents(bench);
        var told = new Listener<AddressRange>(_ => Assert.Equal(before, Contents(bench)));
        var options = new CaptureOptions { Scratch = new AddressRange(0x0800_9000, 0x10000), Erasing = told };

        await DfuCapture.RunAsync(new UsbPeripheralHost([bench.Wire]), bench.Board.Location, new MemoryStream(), options, Bench.Cancel);

        Assert.Equal([AddressRange.FromBounds(0x0800_8000, 0x0802_0000)], told.Heard);
        Assert.NotEqual(before, Contents(bench));
    }

    [Theory]
    [InlineData("timeout@read:100")]
    [InlineData("busy@address:3=20s")]
    [InlineData("stall@status:4x3")]
    [InlineData("refuse@read:3000x2")]
    public async Task What_goes_wrong_is_recorded_and_the_rest_is_captured(string script)
    {
        using var bench = new Bench("nucleo-h743zi", ("fault", script));

        var lines = await CaptureAsync(bench, null);

        Assert.True(bench.Board.FaultsHappened > 0);
        Assert.NotEmpty(Section(lines, "UPLOAD of more than wTransferSize"));
    }

    [Fact]
    public async Task A_board_that_is_pulled_out_leaves_what_was_recorded()
    {
        using var bench = new Bench("nucleo-h743zi", ("fault", "unplug@read:5000"));
        var stream = new MemoryStream();

        var error = await Assert.ThrowsAsync<TransportException>(() => DfuCapture.RunAsync(
            new UsbPeripheralHost([bench.Wire]), bench.Board.Location, stream, new CaptureOptions(), Bench.Cancel).AsTask());

        Assert.Equal(TransportFailure.Disconnected, error.Failure);
        Assert.Contains(Lines(stream), x => x.TryGetProperty("status", out var status) && status.GetString() == "disconnected");
    }

    private sealed class Listener<T>(Action<T> heard) : IProgress<T>
    {
        public List<T> Heard { get; } = [];

        public void Report(T value)
        {
            heard(value);
            Heard.Add(value);
        }
    }

    private static async Task<ImmutableArray<JsonElement>> CaptureAsync(Bench bench, AddressRange? scratch)
    {
        var stream = new MemoryStream();
        await DfuCapture.RunAsync(
            new UsbPeripheralHost([bench.Wire]), bench.Board.Location, stream, new CaptureOptions { Scratch = scratch }, Bench.Cancel);
        return Lines(stream);
    }

    private static ImmutableArray<JsonElement> Lines(MemoryStream stream) =>
        [.. Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(x => JsonDocument.Parse(x).RootElement)];

    private static List<JsonElement> Section(ImmutableArray<JsonElement> lines, string name)
    {
        var found = lines.SkipWhile(x => !x.TryGetProperty("name", out var text) || text.GetString() != name).Skip(1).ToList();
        return [.. found.TakeWhile(x => !x.TryGetProperty("name", out _))];
    }

    private static byte[] Read(List<JsonElement> section) => section.Last(x => x.SetupStarts("a102")).In();

    private static byte[] Contents(Bench bench) =>
        [.. bench.Flash(new AddressRange(bench.Board.Chip.FlashAddress, bench.Board.Chip.FlashSize)), .. bench.Board.Chip.ReadOptionBytes(), .. bench.Board.Chip.ReadOtp()];
}

/// <summary>Lines of a capture.</summary>
file static class CaptureLines
{
    public static bool SetupStarts(this JsonElement line, string hex) =>
        line.TryGetProperty("setup", out var setup) && setup.GetString()!.StartsWith(hex, StringComparison.Ordinal);

    public static byte[] In(this JsonElement line) =>
        line.TryGetProperty("in", out var data) ? Convert.FromHexString(data.GetString()!) : [];
}
