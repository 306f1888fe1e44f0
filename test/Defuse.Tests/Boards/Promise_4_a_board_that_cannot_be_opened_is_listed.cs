using Defuse.Connections;
using Defuse.Devices;
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
                Problem = new UsbAccessProblem(AccessFailure.InUse, "another program has it", "close that program"),
            },
            new UsbDeviceInfo { Location = "1-1", VendorId = 0x046D, ProductId = 0xC31C, Interfaces = [new UsbInterfaceInfo(3, 1, 1)] },
        ]);

        public ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken) =>
            throw new TransportException(TransportFailure.CannotOpen, "another program has it", "close that program");
    }
}
