using Defuse.Connections;
using Defuse.Devices;
using Defuse.Simulator;
using Defuse.Targets;
using Defuse.Transports;

namespace Defuse.Tests.Boards;

/// <summary>DESIGN, promise 5, as far as this version goes: ROM serial numbers collide, and then only the port tells.</summary>
public sealed class Promise_5_identity_is_the_port_and_the_serial_number
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Boards_with_one_serial_number_are_told_apart_by_port()
    {
        // Every STM32H743 of revision V says 200364500000.
        using var first = Board("nucleo-h743zi", 0);
        using var second = Board("nucleo-h743zi", 1);
        var catalog = await CatalogAsync(first, second);

        var boards = await catalog.ListAsync(null, Cancel);
        var bySerial = await Assert.ThrowsAsync<ConnectionException>(async () => await catalog.OpenAsync(ConnectionAddress.Parse("dfu:serial=200364500000"), Cancel));
        var without = await Assert.ThrowsAsync<ConnectionException>(async () => await catalog.OpenAsync(null, Cancel));

        Assert.Equal(2, boards.Select(x => x.Address).Distinct().Count());
        Assert.Single(boards.Select(x => x.SerialNumber).Distinct());
        Assert.Equal(ConnectionFailure.SeveralDevices, bySerial.Failure);
        Assert.Equal(ConnectionFailure.SeveralDevices, without.Failure);
        foreach (var board in boards)
        {
            Assert.Contains(board.Address.ToString(), without.Remedy, StringComparison.Ordinal);
            await using var target = await catalog.OpenAsync(board.Address, Cancel);
            Assert.Equal(board.Address.ToString(), target.Description.Address);
        }
    }

    [Fact]
    public async Task A_serial_number_that_only_one_board_has_is_enough()
    {
        using var first = Board("pybv11", 0);
        using var second = Board("pybv11", 1);
        var catalog = await CatalogAsync(first, second);

        await using var target = await catalog.OpenAsync(ConnectionAddress.Parse($"dfu:serial={second.SerialNumber}"), Cancel);

        Assert.NotEqual(first.SerialNumber, second.SerialNumber);
        Assert.Equal(second.SerialNumber, target.Description.SerialNumber);
    }

    [Fact]
    public async Task A_board_that_comes_later_is_waited_for()
    {
        using var board = Board("pybv11", 0);
        var catalog = new BoardCatalog([new DfuConnectionProvider(new UsbPeripheralHost([board]), ChipDatabase.Default)], TimeProvider.System);
        var none = await Assert.ThrowsAsync<ConnectionException>(async () => await catalog.OpenAsync(null, Cancel));

        var waiting = catalog.WaitAsync(null, Cancel).AsTask();
        Assert.False(waiting.IsCompleted);
        await board.AttachAsync(Cancel);
        await using var target = await waiting.WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        Assert.Equal(ConnectionFailure.NoDevice, none.Failure);
        Assert.IsAssignableFrom<IMemoryTarget>(target);
    }

    [Fact]
    public async Task A_board_that_runs_its_program_is_listed_and_left_alone_unless_it_is_named()
    {
        using var board = Board("dfu11-detach", 0);
        board.Chip.WriteFlash(0x08002000, [1, 2, 3, 4]);
        var catalog = await CatalogAsync(board);

        var listed = Assert.Single(await catalog.ListAsync(null, Cancel));
        var none = await Assert.ThrowsAsync<ConnectionException>(async () => await catalog.OpenAsync(null, Cancel));
        await using var target = await catalog.OpenAsync(listed.Address, Cancel);

        Assert.True(listed.RunsProgram);
        Assert.Equal(ConnectionFailure.NoDevice, none.Failure);
        Assert.IsAssignableFrom<IImageSink>(target);
    }

    private static SimulatedBoard Board(string name, int instance, params (string Name, string Value)[] options) =>
        SimulatedBoardCatalog.Create(name, instance, options.ToDictionary(x => x.Name, x => x.Value, StringComparer.Ordinal), null, VirtualClockMode.Stepped);

    private static async Task<BoardCatalog> CatalogAsync(params SimulatedBoard[] boards)
    {
        foreach (var board in boards)
        {
            await board.AttachAsync(Cancel);
        }

        return new BoardCatalog([new DfuConnectionProvider(new UsbPeripheralHost(boards), ChipDatabase.Default)], TimeProvider.System);
    }
}
