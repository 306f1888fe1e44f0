using System.Text.RegularExpressions;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;
using Spectre.Console;
using LiveDisplay = Defuse.Cli.Live.LiveDisplay;

namespace Defuse.Cli.Tests;

public class LiveDisplayTests
{
    [Fact]
    public void Every_state_has_its_own_glyph_without_colour()
    {
        var target = new FakeTarget("dfu:usb-1-4").Description;
        var image = FirmwareImage.FromBytes(FakeTarget.Start, new byte[160 * 1024]);
        var display = new LiveDisplay("firmware.dfu to Fake board", 80);
        display.Report(new ProgrammingEvent.Planned(FlashPlanner.Plan(image, target, FlashOptions.Default)));
        display.Report(new ProgrammingEvent.PhaseStarted(ProgrammingPhase.Compare, 160 * 1024));
        display.Report(new ProgrammingEvent.PhaseFinished(ProgrammingPhase.Compare, 160 * 1024, TimeSpan.FromSeconds(0.5)));
        display.Report(new ProgrammingEvent.PhaseStarted(ProgrammingPhase.Erase, 64 * 1024));
        display.Report(new ProgrammingEvent.Progressed(ProgrammingPhase.Erase, 0x08008000, 32 * 1024, 64 * 1024, 65536, TimeSpan.FromSeconds(1.25)));
        Set(0, 32, RangeState.Verified);
        Set(32, 16, RangeState.Written);
        Set(64, 32, RangeState.Blank);
        Set(96, 1, RangeState.Indeterminate);
        Set(128, 1, RangeState.Different);
        Golden.Check("live-display", Render(display, 80));

        void Set(int start, int kilobytes, RangeState state) =>
            display.Report(new ProgrammingEvent.StateChanged(new AddressRange(FakeTarget.Start + (uint)(start * 1024), kilobytes * 1024), state));
    }

    [Fact]
    public void Blankness_that_was_read_back_is_shown_as_verified()
    {
        var target = new FakeTarget("dfu:usb-1-4").Description;
        var display = new LiveDisplay("Erase Fake board", 80);
        display.Report(new ProgrammingEvent.Planned(FlashPlanner.PlanErase(null, target, FlashOptions.Default)));
        display.Report(new ProgrammingEvent.StateChanged(new AddressRange(FakeTarget.Start, 256 * 1024), RangeState.Verified));
        Assert.Contains("verified", Render(display, 80), StringComparison.Ordinal);
        Assert.DoesNotContain("as it was", Render(display, 80), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(20)]
    [InlineData(80)]
    [InlineData(200)]
    public async Task It_fits_the_terminal(int width)
    {
        using var cli = new Cli { ErrorIsTerminal = true, Width = width };
        var result = await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767);
        Assert.Equal(0, result.ExitCode);
        var live = Regex.Replace(result.Error[..result.Error.IndexOf("Verified", StringComparison.Ordinal)], "\u001b\\[[0-9;?]*[A-Za-z]", "");
        Assert.All(live.Split('\n'), x => Assert.True(x.TrimEnd('\r').Split('\r').Max(y => y.Length) <= width, x));
        Assert.Contains("Erase", live, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(12, 60)]
    [InlineData(64, 64)]
    [InlineData(100, 100)]
    [InlineData(192, 192)]
    [InlineData(193, 97)]
    [InlineData(1024, 171)]
    public void Cells_are_as_many_as_fit_and_cover_all(int sectors, int cells)
    {
        var flash = new MemoryRegion("Flash", 0, [new SectorRun(FakeTarget.Start, sectors, 2048, SectorAccess.All)]);
        var all = SectorCells.Of(flash, 64);
        Assert.Equal(cells, all.Length);
        Assert.Equal(sectors * 2048L, all.Sum(x => x.Length));
        Assert.All(all.Zip(all.Skip(1)), x => Assert.Equal(x.First.End, x.Second.Start));
    }

    [Fact]
    public void A_state_map_agrees_with_one_that_keeps_every_byte()
    {
        var random = new Random(7);
        var image = FirmwareImage.FromBytes(0, new byte[200]);
        for (var round = 0; round < 300; round++)
        {
            var map = new StateMap();
            var bytes = new RangeState[256];
            for (var i = 0; i < 12; i++)
            {
                var start = random.Next(0, 255);
                var range = new AddressRange((uint)start, random.Next(1, 256 - start));
                var state = (RangeState)random.Next(0, 6);
                map.Set(range, state);
                Array.Fill(bytes, state, start, (int)range.Length);
            }

            foreach (var (start, length) in Enumerable.Range(0, 199).Select(x => (x, 1)).Append((64, 64)).Append((0, 200)))
            {
                Assert.Equal(Expected(bytes[start..(start + length)]), map.Summarize(new AddressRange((uint)start, length), image));
            }
        }

        static RangeState Expected(RangeState[] states) =>
            states.FirstOrDefault(x => x is RangeState.Different or RangeState.Indeterminate) is var bad && bad != RangeState.Untouched ? bad
            : states.All(x => x == RangeState.Verified) ? RangeState.Verified
            : states.All(x => x is RangeState.Verified or RangeState.Written) ? RangeState.Written
            : states.Contains(RangeState.Blank) ? RangeState.Blank
            : RangeState.Untouched;
    }

    private static string Render(LiveDisplay display, int width)
    {
        using var writer = new StringWriter();
        Terminal.CreateConsole(writer, isTerminal: false, color: false, width, 50).Write(display.Draw());
        return string.Join('\n', writer.ToString().Split('\n').Select(x => x.TrimEnd()));
    }
}
