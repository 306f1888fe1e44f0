using Defuse.Devices;
using Defuse.Entering;

namespace Defuse.Core.Tests.Entering;

public class ModemLinesTests
{
    private readonly FakeComputer _computer = FakeComputer.With(
        FakeComputer.MicroPython("1-2") with { VendorId = 0x0403, ProductId = 0x6001, Manufacturer = "FTDI", Product = "FT232R USB UART" }, FakeComputer.Port("1-2", "/dev/ttyUSB0"));

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, true, true)]
    public async Task NRST_is_pulsed_while_BOOT0_is_high(bool dtrIsReset, bool invertBoot, bool invertReset)
    {
        // The pins as they were, as (BOOT0, NRST); an adapter's pin is low while its line is asserted.
        var pins = new List<(bool, bool)>();
        _computer.OnOpened = port =>
        {
            Look(port);
            port.OnLines = () => Look(port);
        };
        void Look(FakePort port)
        {
            var (boot, reset) = dtrIsReset ? (port.Lines.Rts, port.Lines.Dtr) : (port.Lines.Dtr, port.Lines.Rts);
            (bool, bool) now = (boot == invertBoot, reset == invertReset);
            if (pins.Count > 0 && !pins[^1].Item2 && now is (true, true))
            {
                _computer.Plug(FakeComputer.Dfu("1-3"));
            }

            if (pins.Count == 0 || pins[^1] != now)
            {
                pins.Add(now);
            }
        }

        var board = await _computer.Entrance().FindBehindAsync("/dev/ttyUSB0", TestContext.Current.CancellationToken);
        var entry = await _computer.Entrance().EnterAsync(
            board!,
            new EntryOptions { Way = EntryWay.ModemLines, Wiring = new ModemLineWiring(dtrIsReset, invertBoot, invertReset) },
            null,
            TestContext.Current.CancellationToken);
        Assert.Equal("1-3", entry.Device.Location);
        Assert.Equal([(true, true), (true, false), (true, true), (false, true)], pins);
    }

    [Fact]
    public async Task An_adapter_is_sent_nothing_unless_it_is_told_how()
    {
        var board = await _computer.Entrance().FindBehindAsync("/dev/ttyUSB0", TestContext.Current.CancellationToken);
        Assert.False(board!.IsAskedUnnamed);
        await Assert.ThrowsAsync<EntryException>(async () =>
            await _computer.Entrance().EnterAsync(board, EntryOptions.Default, null, TestContext.Current.CancellationToken));
        Assert.Empty(_computer.Opened);
    }
}
