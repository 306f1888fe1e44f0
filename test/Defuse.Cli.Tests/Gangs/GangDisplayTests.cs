using System.Text.RegularExpressions;
using Defuse.Cli.Live;
using Defuse.Cli.Output;
using Defuse.Connections;
using Defuse.Gangs;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Programming;

namespace Defuse.Cli.Tests.Gangs;

public class GangDisplayTests
{
    [Theory]
    [InlineData(100)]
    [InlineData(50)]
    public void A_port_has_a_row(int width)
    {
        var display = Filled(width);
        display.Note("Stopping.");
        Golden.Check($"gang-display-{width}", Render(display, width));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    [InlineData(69)]
    [InlineData(70)]
    [InlineData(200)]
    public void It_fits_the_terminal(int width) =>
        Assert.All(Render(Filled(width), width).Split('\n'), x => Assert.True(x.Length <= width, x));

    [Fact]
    public void A_serial_number_steers_no_terminal()
    {
        var display = new GangDisplay("firmware.dfu to all boards", 100, height: 24, isWatching: false);
        display.Report(new GangEvent.Began(Board("1-1") with { SerialNumber = "A\u001b[2J\u009b1m" }));
        Assert.DoesNotMatch("[\u001b\u009b]", Render(display, 100));
    }

    [Fact]
    public void More_ports_than_a_terminal_has_lines_are_counted()
    {
        var display = new GangDisplay("firmware.dfu to all boards", 100, height: 24, isWatching: false);
        for (var i = 1; i <= 100; i++)
        {
            var board = Board($"1-{i}");
            display.Report(new GangEvent.Began(board));
            if (i <= 90)
            {
                display.Report(new GangEvent.Ended(board, new BoardRecord { Board = board, Began = default, Error = new OperationCanceledException() }));
            }
        }

        var text = Render(display, 100);
        Assert.Equal(23, text.Split('\n').Length);
        Assert.Contains("usb-1-100 ", text, StringComparison.Ordinal);
        Assert.Contains("and 80 more ports; 10 at work, 0 verified, 90 not", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task On_a_terminal_there_is_a_row_a_board_and_what_failed_comes_below()
    {
        var bus = FlashGangTests.One();
        bus.Plug("1-2", "B");
        bus.Targets["1-2"].IgnoresWrites = true;
        using var cli = new Cli { Bus = bus, ErrorIsTerminal = true, Width = 100 };
        var result = await cli.RunAsync("flash", cli.Dfu, "--all");
        Assert.Equal(6, result.ExitCode);
        var text = Regex.Replace(result.Error, "\u001b\\[[0-9;?]*[A-Za-z]", "").Replace("\r", "\n", StringComparison.Ordinal);
        Assert.Contains("  dfu:usb-1-1  ", text, StringComparison.Ordinal);
        Assert.Contains("verified in", text, StringComparison.Ordinal);
        Assert.Matches("(^|\n)dfu:usb-1-2: error: ", text);
        Assert.Matches("2 boards in [0-9.]+ m?s: 1 [a-z]+, 1 [a-z]+.\n$", text);
    }

    private static GangDisplay Filled(int width)
    {
        var display = new GangDisplay("firmware.dfu to each board that is plugged in", width, 50, isWatching: true);
        var target = new FakeTarget("dfu:usb-1-4").Description;
        var (opening, writing, good, bad, back) = (Board("1-4.1"), Board("1-4.2"), Board("1-4.3"), Board("1-4.4"), Board("1-4.5"));
        foreach (var board in new[] { opening, writing, good, bad })
        {
            display.Report(new GangEvent.Began(board));
        }

        display.Report(new GangEvent.Opened(writing, target));
        display.Report(new GangEvent.Progressed(writing, new ProgrammingEvent.PhaseStarted(ProgrammingPhase.Write, 1000)));
        display.Report(new GangEvent.Progressed(writing, new ProgrammingEvent.Progressed(ProgrammingPhase.Write, 0x08000000, 420, 1000, 100, null)));
        display.Report(new GangEvent.Opened(good, target));
        display.Report(new GangEvent.Ended(good, new BoardRecord
        {
            Board = good,
            Target = target,
            Began = default,
            Report = new FlashReport { Outcome = FlashOutcome.Verified, Elapsed = TimeSpan.FromSeconds(12.34) },
        }));
        display.Report(new GangEvent.Ended(bad, new BoardRecord
        {
            Board = bad,
            Began = default,
            Error = new ConnectionException(ConnectionFailure.CannotOpen, "dfu:usb-1-4.4 cannot be opened: \u001b[31mLinux does not let this user open it", "add the udev rule"),
        }));
        display.Report(new GangEvent.CameBack(back, TimeSpan.FromSeconds(0.3)));
        return display;
    }

    private static BoardInfo Board(string port) => new() { Address = ConnectionAddress.Parse($"dfu:usb-{port}"), Name = "STM32  BOOTLOADER", SerialNumber = "205B33875532" };

    private static string Render(GangDisplay display, int width)
    {
        using var writer = new StringWriter();
        Terminal.CreateConsole(writer, isTerminal: false, color: false, width, 50).Write(display.Draw());
        return string.Join('\n', writer.ToString().Split('\n').Select(x => x.TrimEnd())) + "\n";
    }
}
