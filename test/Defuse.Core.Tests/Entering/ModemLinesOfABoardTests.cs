using Defuse.Devices;
using Defuse.Entering;
using Defuse.Simulator;
using Defuse.Transports;

namespace Defuse.Core.Tests.Entering;

/// <summary>A simulated board whose chip has no USB while its program runs, behind an adapter that drives its pins.</summary>
public class ModemLinesOfABoardTests
{
    // RTS asserted is BOOT0 high there, so that a transistor inverts it; DTR asserted is reset.
    private static readonly ModemLineWiring Right = new(DtrIsReset: true, InvertBoot: true, InvertReset: false);

    [Fact]
    public async Task The_right_wiring_takes_it_to_its_ROM_after_a_wrong_one_did_not()
    {
        using var board = SimulatedBoardCatalog.Create(
            "pybv11", 0, new Dictionary<string, string> { ["program"] = "uart" }, folder: null, VirtualClockMode.Stepped);
        IUsbSocket[] sockets = [board, board.SerialAdapter!];
        var token = TestContext.Current.CancellationToken;
        await board.SerialAdapter!.AttachAsync(token);
        var entrance = new DfuEntrance(new UsbPeripheralHost(sockets), new UsbPeripheralSerialHost(sockets), UsbIdDatabase.Default, board.Clock);
        var running = await entrance.FindBehindAsync("sim:pybv11/uart", token);
        Assert.Empty(running!.Ways);

        var e = await Assert.ThrowsAsync<EntryException>(async () => await entrance.EnterAsync(
            running, new EntryOptions { Way = EntryWay.ModemLines }, null, token));
        Assert.Contains("no board came up in DFU mode after the lines were switched", e.Message, StringComparison.Ordinal);

        var entry = await entrance.EnterAsync(running, new EntryOptions { Way = EntryWay.ModemLines, Wiring = Right }, null, token);
        Assert.Equal(("sim:pybv11", (ushort)0xDF11), (entry.Device.Location, entry.Device.ProductId));
    }
}
