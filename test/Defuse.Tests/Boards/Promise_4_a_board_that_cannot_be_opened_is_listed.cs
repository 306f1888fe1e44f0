using Defuse.Connections;
using Defuse.Devices;
using Defuse.Gangs;
using Defuse.Simulator;
using Defuse.Targets;
using Defuse.Transports;

namespace Defuse.Tests.Boards;

/// <summary>DESIGN, promise 4: with the reason and the remedy.</summary>
public sealed class Promise_4_a_board_that_cannot_be_opened_is_listed
{
    [Fact]
    public async Task It_is_in_the_list_with_its_reason_and_remedy_and_opening_it_says_the_same()
    {
        var catalog = new BoardCatalog([new DfuConnectionProvider(new LockedHost(), ChipDatabase.Default)], TimeProvider.System);

        var board = Assert.Single(await catalog.ListAsync(null, TestContext.Current.CancellationToken));
        var e = await Assert.ThrowsAsync<ConnectionException>(async () => await catalog.OpenAsync(null, TestContext.Current.CancellationToken));

        Assert.Equal("dfu:usb-1-4.2", board.Address.ToString());
        Assert.Equal("0483:df11", board.UsbId);
        Assert.Equal("another program has it", board.Problem);
        Assert.Equal("close that program", board.Remedy);
        Assert.Equal(ConnectionFailure.CannotOpen, e.Failure);
        Assert.Contains("another program has it", e.Message, StringComparison.Ordinal);
        Assert.Equal("close that program", e.Remedy);
    }

    [Fact]
    public async Task Where_no_board_can_be_seen_the_list_says_so_beside_the_simulated_ones_and_nothing_is_taken_for_the_only_one()
    {
        const string Reason = "libusb-1.0 is not installed";
        var host = new FakeHost(() => throw new TransportException(TransportFailure.CannotOpen, Reason, "brew install libusb"));
        var catalog = new BoardCatalog([new DfuConnectionProvider(host, ChipDatabase.Default), new Simulated()], TimeProvider.System);

        var boards = await catalog.ListAsync(null, Cancel);
        Assert.Equal(("dfu:", Reason, "brew install libusb"), (boards[0].Address.ToString(), boards[0].Problem, boards[0].Remedy));
        Assert.Equal("sim:nucleo-f767zi", boards[1].Address.ToString());

        foreach (var look in (Func<Task>[])[async () => await catalog.OpenAsync(null, Cancel), async () => await catalog.ListDfuAsync(null, null, Cancel)])
        {
            var e = await Assert.ThrowsAsync<ConnectionException>(look);
            Assert.Equal((ConnectionFailure.CannotOpen, Reason, "brew install libusb"), (e.Failure, e.Message, e.Remedy));
        }

        await Assert.ThrowsAsync<ConnectionException>(async () => await catalog.ListAsync(ConnectionAddress.Parse("dfu:"), Cancel));
    }

    [Fact]
    public async Task A_device_that_Windows_could_not_read_is_listed_and_taken_for_no_board()
    {
        var unread = new UsbDeviceInfo
        {
            Location = "1-2",
            VendorId = 0,
            ProductId = 2,
            Problem = new AccessProblem(AccessFailure.EnumerationFailed, "it does not answer", "try another cable"),
        };
        var catalog = new BoardCatalog([new DfuConnectionProvider(new FakeHost(() => [unread]), ChipDatabase.Default)], TimeProvider.System);

        var board = Assert.Single(await catalog.ListAsync(null, Cancel));

        Assert.Equal(("dfu:usb-1-2", null, AccessFailure.EnumerationFailed, "it does not answer"), (board.Address.ToString(), board.UsbId, board.Access, board.Problem));
        var gang = new BoardGang(catalog, (_, _, _, _) => throw new InvalidOperationException("It is no board."), TimeProvider.System);
        await Assert.ThrowsAsync<ConnectionException>(async () => await gang.RunAllAsync(null, null, Cancel));
        Assert.Empty(await catalog.ListDfuAsync(null, null, Cancel));
        var e = await Assert.ThrowsAsync<ConnectionException>(async () => await catalog.OpenAsync(null, Cancel));
        Assert.Equal(ConnectionFailure.NoDevice, e.Failure);
    }

    [Theory]
    [InlineData(TransportFailure.Timeout, 2)]
    [InlineData(TransportFailure.Stall, 2)]
    [InlineData(TransportFailure.Disconnected, 1)]
    public async Task A_device_that_fails_while_its_descriptors_are_read_does_not_hide_the_others(TransportFailure failure, int count)
    {
        using var board = SimulatedBoardCatalog.Create("nucleo-f767zi", 0, new Dictionary<string, string>(StringComparer.Ordinal), null, VirtualClockMode.Stepped);
        await board.AttachAsync(Cancel);
        var good = new UsbPeripheralHost([board]);
        var bad = new UsbDeviceInfo { Location = "1-2", VendorId = 0x0483, ProductId = 0xDF11 };
        var goodInfo = Assert.Single(await good.ListAsync(Cancel));
        var host = new FakeHost(
            () => [bad, goodInfo],
            async location => location == "1-2" ? new FailingDevice(bad, failure) : await good.OpenAsync(location, Cancel));

        var listings = await new BoardCatalog([new DfuConnectionProvider(host, ChipDatabase.Default)], TimeProvider.System).ListDfuAsync(null, null, Cancel);

        Assert.Equal(count, listings.Length);
        Assert.Null(listings[^1].Problem);
        Assert.NotEmpty(listings[^1].Memories.ToArray());
        Assert.Equal(count == 2 ? "no answer" : null, listings[0].Problem);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private sealed class Simulated : IConnectionProvider
    {
        public string Scheme => "sim";

        public ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken) =>
            ValueTask.FromResult<IReadOnlyList<BoardInfo>>([new BoardInfo { Address = ConnectionAddress.Of(Scheme, "nucleo-f767zi"), Name = "a board", IsSimulated = true }]);

        public ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class FailingDevice(UsbDeviceInfo info, TransportFailure failure) : IUsbDevice
    {
        public UsbDeviceInfo Info => info;

        public TimeProvider Time => TimeProvider.System;

        public ValueTask<int> ControlInAsync(UsbSetupPacket setup, Memory<byte> buffer, TimeSpan timeout, CancellationToken cancellationToken) =>
            throw new TransportException(failure, "no answer");

        public ValueTask ControlOutAsync(UsbSetupPacket setup, ReadOnlyMemory<byte> data, TimeSpan timeout, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask ClaimInterfaceAsync(byte interfaceNumber, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask SelectAlternateSettingAsync(byte interfaceNumber, byte alternateSetting, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    private sealed class FakeHost(Func<IReadOnlyList<UsbDeviceInfo>> list, Func<string, Task<IUsbDevice>>? open = null) : IUsbHost
    {
        public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult(list());

        public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken) => await open!(location);
    }

    private sealed class LockedHost : IUsbHost
    {
        public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<UsbDeviceInfo>>(
        [
            new UsbDeviceInfo
            {
                Location = "1-4.2",
                VendorId = 0x0483,
                ProductId = 0xDF11,
                Interfaces = [new UsbInterfaceInfo(0xFE, 1, 2)],
                Problem = new AccessProblem(AccessFailure.InUse, "another program has it", "close that program"),
            },
            new UsbDeviceInfo { Location = "1-1", VendorId = 0x046D, ProductId = 0xC31C, Interfaces = [new UsbInterfaceInfo(3, 1, 1)] },
        ]);

        public ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken) =>
            throw new TransportException(TransportFailure.CannotOpen, "another program has it", "close that program");
    }
}
