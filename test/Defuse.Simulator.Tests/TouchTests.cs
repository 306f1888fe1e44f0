using Defuse.Transports;

namespace Defuse.Simulator.Tests;

/// <summary>Ways into the ROM that are no protocol: 1200 baud, DETACH, and wires to NRST and BOOT0.</summary>
public sealed class TouchTests
{
    private static readonly SerialSettings Touch = SerialSettings.Default with { BaudRate = 1200 };

    [Fact]
    public async Task Arduino_takes_1200_baud_and_then_DTR_low()
    {
        await using var bench = await SerialBench.OpenAsync("arduino", "stm32l476g-disco");
        await bench.UntilAsync("1\r\n2\r\n");
        await bench.ReopenAsync(Touch);
        Assert.Equal(0x5740, await bench.ProductIdAsync());
        await bench.Port.DisposeAsync();
        await BecomesAsync(bench.Board, 0xDF11);
    }

    [Theory]
    [InlineData("arduino", 115200, false)]
    [InlineData("arduino", 1200, true)] // closed at another rate than it was opened
    [InlineData("serial", 1200, false)]
    [InlineData("micropython", 1200, false)]
    public async Task Nothing_else_leaves_for_it(string program, int baudRate, bool changes)
    {
        await using var bench = await SerialBench.OpenAsync(program, "stm32l476g-disco", SerialSettings.Default with { BaudRate = baudRate });
        if (changes)
        {
            await bench.Port.ConfigureAsync(SerialSettings.Default, TestContext.Current.CancellationToken);
        }

        await bench.Port.DisposeAsync();
        await Task.Delay(TimeSpan.FromSeconds(2), bench.Board.Clock, TestContext.Current.CancellationToken);
        Assert.NotNull(bench.Board.Peripheral);
        Assert.NotEqual(0xDF11, await bench.ProductIdAsync());
    }

    [Fact]
    public async Task A_program_that_knows_of_no_bootloader_reads_nothing_and_stays()
    {
        await using var bench = await SerialBench.OpenAsync("serial");
        await bench.WriteAsync("\x03\x03\x01machine.bootloader()\x04#bl\rR");
        await bench.UntilAsync("1\r\n2\r\n3\r\n");
        Assert.Equal(0x5740, await bench.ProductIdAsync());
    }

    [Fact]
    public async Task DFU_at_run_time_beside_a_serial_port_detaches()
    {
        using var board = Wire.Board("pybv11", 0, ("program", "dfu-runtime"));
        var wire = await Wire.OpenAsync(board);
        var info = await UsbDescriptorReader.DescribeAsync(wire.Peripheral, board.Location, TestContext.Current.CancellationToken);
        Assert.Equal([new UsbInterfaceInfo(2, 2, 0), new UsbInterfaceInfo(10, 0, 0), new UsbInterfaceInfo(0xFE, 1, 1)], info.Interfaces);
        Assert.Equal([0, 0, 0, 0, 0, 0], (await wire.SendAsync(0xA1, 3, 0, 2, 6)).Data.ToArray());
        Assert.Equal(UsbControlStatus.Ack, (await wire.SendAsync(0x21, 0, 1000, 2, 0)).Status);
        Assert.False(wire.Peripheral.IsConnected);
        await BecomesAsync(board, 0xDF11);
    }

    [Fact]
    public async Task An_adapter_pulses_NRST_and_BOOT0_tells_what_comes()
    {
        using var board = Wire.Board("pybv11", 0, ("program", "uart"));
        var host = new UsbPeripheralSerialHost([board, board.SerialAdapter!]);
        var token = TestContext.Current.CancellationToken;
        await Assert.ThrowsAsync<TransportException>(async () => await board.AttachAsync(token));
        Assert.Equal(0x08000000u, board.RunningFrom);

        await using (var port = await host.OpenAsync("sim:pybv11/uart", SerialSettings.Default with { DataTerminalReady = false, RequestToSend = false }, token))
        {
            Assert.Equal("sim:pybv11/uart", Assert.Single(await host.ListAsync(token)).Name);

            // BOOT0 alone changes nothing; in reset there is nothing.
            await port.SetLinesAsync(null, true, token);
            Assert.Equal(0x08000000u, board.RunningFrom);
            await port.SetLinesAsync(true, null, token);
            Assert.Null(board.RunningFrom);
            await Assert.ThrowsAsync<TransportException>(async () => await board.AttachAsync(token));
            await port.SetLinesAsync(false, null, token);
            await BecomesAsync(board, 0xDF11);

            // The ROM stays when BOOT0 falls, until the next reset.
            await port.SetLinesAsync(null, false, token);
            Assert.NotNull(board.Peripheral);
            await port.SetLinesAsync(true, null, token);
            Assert.Null(board.Peripheral);
            await port.SetLinesAsync(false, null, token);
            await Task.Delay(TimeSpan.FromSeconds(1), board.Clock, token);
            Assert.Equal(0x08000000u, board.RunningFrom);
            Assert.Null(board.Peripheral);
        }
    }

    [Fact]
    public async Task An_adapter_whose_port_was_just_opened_holds_the_chip_in_reset()
    {
        using var board = Wire.Board("pybv11", 0, ("program", "uart"));
        var host = new UsbPeripheralSerialHost([board.SerialAdapter!]);
        await using (await host.OpenAsync("sim:pybv11/uart", SerialSettings.Default, TestContext.Current.CancellationToken))
        {
            Assert.Null(board.RunningFrom);
        }

        await Task.Delay(TimeSpan.FromSeconds(1), board.Clock, TestContext.Current.CancellationToken);
        Assert.Equal(0x08000000u, board.RunningFrom);
    }

    private static async Task BecomesAsync(SimulatedBoard board, int productId)
    {
        // A touch is taken a moment after the port was closed.
        await Task.Delay(TimeSpan.FromSeconds(1), board.Clock, TestContext.Current.CancellationToken);
        var info = await UsbDescriptorReader.DescribeAsync(board.Peripheral!, board.Location, TestContext.Current.CancellationToken);
        Assert.Equal(productId, info.ProductId);
    }
}
