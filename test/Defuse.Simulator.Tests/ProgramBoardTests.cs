using Defuse.Transports;

namespace Defuse.Simulator.Tests;

/// <summary>What a board with a program shows on USB, and when.</summary>
public sealed class ProgramBoardTests
{
    [Fact]
    public async Task A_board_ships_with_its_program_and_comes_back_with_it_after_DFU()
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        Assert.Equal(0x08000000u, bench.Board.RunningFrom);
        await bench.UntilAsync(">>> ");
        await bench.WriteAsync("import machine; machine.bootloader()\r");
        await bench.BecomesTheRomAsync();

        var wire = await Wire.OpenAsync(bench.Board);
        await wire.EraseAsync(0x08000000);
        await wire.SetAddressAsync(0x08000000);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, [0x00, 0x10, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08, .. new byte[56]]));
        await LeaveAsync(wire);

        Assert.False(wire.Peripheral.IsConnected);
        Assert.Equal(0x9802, await bench.ProductIdAsync());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task After_an_erase_or_with_nonsense_in_flash_memory_nothing_comes_up(bool nonsense)
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        await bench.WriteAsync("import machine; machine.bootloader()\r");
        await bench.BecomesTheRomAsync();
        var wire = await Wire.OpenAsync(bench.Board);
        await wire.EraseAsync(0x08000000);
        if (nonsense)
        {
            await wire.SetAddressAsync(0x08000000);
            await wire.DoAsync(2, [.. Enumerable.Range(1, 64).Select(x => (byte)x)]);
        }

        await wire.SetAddressAsync(0x08000000);
        await LeaveAsync(wire);

        var refused = await Assert.ThrowsAsync<TransportException>(async () => await bench.Board.AttachAsync(TestContext.Current.CancellationToken));
        Assert.Equal(TransportFailure.Disconnected, refused.Failure);
        Assert.Null(bench.Board.Peripheral);
    }

    [Fact]
    public async Task Pulling_the_plug_and_putting_it_back_starts_the_program_anew()
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        await bench.UntilAsync(">>> ");
        bench.Board.Unplug();
        await bench.GoesAsync();
        await bench.ReopenAsync();
        Assert.StartsWith("MicroPython v", await bench.UntilAsync(">>> "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ports_are_those_of_what_is_plugged_in_and_each_is_opened_once()
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        var port = Assert.Single(await bench.Host.ListAsync(TestContext.Current.CancellationToken));
        Assert.Equal("sim:nucleo-f767zi", port.Name);
        Assert.Equal("sim:nucleo-f767zi", port.UsbLocation);
        Assert.Equal(((ushort)0xF055, (ushort)0x9802, (byte)0), (port.VendorId, port.ProductId, port.InterfaceNumber));
        var refused = await Assert.ThrowsAsync<TransportException>(async () =>
            await bench.Host.OpenAsync(port.Name, SerialSettings.Default, TestContext.Current.CancellationToken));
        Assert.Equal(TransportFailure.CannotOpen, refused.Failure);
        await bench.ReopenAsync();
    }

    [Fact]
    public async Task Without_DTR_it_keeps_the_last_that_it_sent()
    {
        await using var bench = await SerialBench.OpenAsync("micropython", settings: SerialSettings.Default with { DataTerminalReady = false });
        Assert.Empty(await bench.WithinASecondAsync());
        await bench.Port.SetLinesAsync(true, null, TestContext.Current.CancellationToken);
        Assert.StartsWith("MicroPython v", await bench.UntilAsync(">>> "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_nobody_reads_holds_up_the_host_only_when_all_room_is_taken()
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        await bench.UntilAsync(">>> ");
        var wire = new Wire(bench.Board.Peripheral!);
        using var second = new CancellationTokenSource(TimeSpan.FromSeconds(1), bench.Port.Time);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await wire.Peripheral.TransferOutAsync(0x01, new byte[8192].Select(_ => (byte)'x').ToArray(), second.Token));

        // The port fetches what arrives while it writes.
        await bench.WriteAsync(new string('y', 8192) + "\x03");
        Assert.EndsWith("y\r\n>>> ", await bench.UntilAsync(">>> "), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_arrived_before_can_be_thrown_away()
    {
        await using var bench = await SerialBench.OpenAsync("micropython");
        await bench.Port.DiscardInputAsync(TestContext.Current.CancellationToken);
        Assert.Equal("1\r\n1\r\n>>> ", await bench.AskAsync("1\r", ">>> "));
    }

    private static async Task LeaveAsync(Wire wire)
    {
        Assert.Equal(UsbControlStatus.Ack, (await wire.DnloadAsync(0)).Status);
        await wire.SendAsync(0xA1, 3, 0, 0, 6);
    }
}
