using Defuse.Connections;
using Defuse.Devices;
using Defuse.Simulator;
using Defuse.Targets;
using Defuse.Transports;

namespace Defuse.Tests.Boards;

public class WatchTests
{
    private static readonly UsbDeviceInfo Device = new()
    {
        Location = "1-4",
        VendorId = 0x0483,
        ProductId = 0xDF11,
        SerialNumber = "A",
        DeviceAddress = 5,
        Interfaces = [new UsbInterfaceInfo(0xFE, 1, 2)],
    };

    [Fact]
    public async Task What_is_there_arrives_first_and_then_what_changes()
    {
        var problem = new AccessProblem(AccessFailure.PermissionDenied, "no", "yes");
        var host = new ScriptedHost(
            [Device],
            [Device, Device with { Location = "1-5" }],
            [Device with { Problem = problem }, Device with { Location = "1-5" }],
            [Device with { Location = "1-5" }],
            [Device with { Location = "1-5" }, Device with { Location = "1-6", Interfaces = [new UsbInterfaceInfo(0xFF, 0, 0)] }]);
        Assert.Equal(
            [
                (BoardChangeKind.Arrived, "dfu:usb-1-4", null),
                (BoardChangeKind.Arrived, "dfu:usb-1-5", null),
                (BoardChangeKind.Changed, "dfu:usb-1-4", AccessFailure.PermissionDenied),
                (BoardChangeKind.Left, "dfu:usb-1-4", AccessFailure.PermissionDenied),
            ],
            (await ChangesAsync(host, null)).Select(x => (x.Kind, x.Board.Address.ToString(), x.Board.Access)));
    }

    [Theory]
    [InlineData("A", 6)]
    [InlineData("B", 5)]
    [InlineData("B", null)]
    [InlineData("A", 5, 0x5740)]
    [InlineData("A", 5, 0xDF11, 1)]
    public async Task Another_device_on_the_same_port_is_another_board(string serial, int? address, int product = 0xDF11, int protocol = 2)
    {
        var other = Device with { SerialNumber = serial, DeviceAddress = (byte?)address, ProductId = (ushort)product, Interfaces = [new UsbInterfaceInfo(0xFE, 1, (byte)protocol)] };
        var changes = await ChangesAsync(new ScriptedHost([Device], [other]), null);
        Assert.Equal([BoardChangeKind.Arrived, BoardChangeKind.Left, BoardChangeKind.Arrived], changes.Select(x => x.Kind));
    }

    [Theory]
    [InlineData(null, 5)]
    [InlineData("A", null)]
    public async Task What_is_not_known_tells_no_two_apart(string? serial, int? address)
    {
        var changes = await ChangesAsync(new ScriptedHost([Device], [Device with { SerialNumber = serial, DeviceAddress = (byte?)address }]), null);
        Assert.Equal([BoardChangeKind.Arrived, BoardChangeKind.Changed], changes.Select(x => x.Kind));
    }

    [Theory]
    [InlineData("dfu:", "1-4", "1-4.1")]
    [InlineData("dfu:usb-1-4", "1-4")]
    [InlineData("dfu:usb-1-4.1", "1-4.1")]
    [InlineData("dfu:serial=b", "1-4.1")]
    [InlineData("dfu:usb-2")]
    public async Task A_scope_can_be_one_port_or_one_serial_number(string scope, params string[] ports)
    {
        var host = new ScriptedHost([Device, Device with { Location = "1-4.1", SerialNumber = "B" }]);
        var expected = ports.Select(x => $"dfu:usb-{x}");
        Assert.Equal(expected, (await ChangesAsync(host, ConnectionAddress.Parse(scope))).Select(x => x.Board.Address.ToString()));
        Assert.Equal(expected, (await Catalog(host).ListAsync(ConnectionAddress.Parse(scope), TestContext.Current.CancellationToken)).Select(x => x.Address.ToString()));
    }

    [Fact]
    public async Task What_looking_fails_with_ends_it()
    {
        var host = new ScriptedHost([Device]) { Failure = new TransportException(TransportFailure.Fault, "the host is gone") };
        var e = await Assert.ThrowsAsync<TransportException>(async () => await ChangesAsync(host, null));
        Assert.Equal("the host is gone", e.Message);
    }

    [Fact]
    public async Task It_goes_on_until_it_is_cancelled_and_ends_every_provider()
    {
        using var ending = new CancellationTokenSource();
        var (one, other) = (new StillProvider("one"), new StillProvider("other"));
        var arrived = new List<string>();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var change in new BoardCatalog([one, other], TimeProvider.System).WatchAsync(null, ending.Token))
            {
                arrived.Add(change.Board.Address.Scheme);
                if (arrived.Count == 2)
                {
                    await ending.CancelAsync();
                }
            }
        });
        Assert.Equal(["one", "other"], arrived.Order());
        Assert.True(one.HasEnded && other.HasEnded);
    }

    [Fact]
    public async Task A_server_that_stops_and_comes_again_takes_its_boards_along()
    {
        using var folder = new TemporaryFolder();
        var options = new SimulationOptions { Port = 0, Folder = folder.Path, TimeScale = 0 };
        var board = ConnectionAddress.Parse("sim:pybv11");
        var server = await SimulationServer.StartAsync([board], options, null, TestContext.Current.CancellationToken);
        var address = server.Exports[0].Address;
        var scope = ConnectionAddress.Of("usbip", address.Path[..(address.Path.IndexOf('/', StringComparison.Ordinal) + 1)]);
        await using var changes = DefuseBoards.CreateCatalog().WatchAsync(scope, TestContext.Current.CancellationToken).GetAsyncEnumerator();
        Assert.Equal((BoardChangeKind.Arrived, address), await NextAsync());
        await server.DisposeAsync();
        Assert.Equal((BoardChangeKind.Left, address), await NextAsync());
        var port = int.Parse(scope.Path.TrimEnd('/').Split(':')[^1], System.Globalization.CultureInfo.InvariantCulture);
        await using var again = await SimulationServer.StartAsync([board], options with { Port = port }, null, TestContext.Current.CancellationToken);
        Assert.Equal((BoardChangeKind.Arrived, address), await NextAsync());

        async Task<(BoardChangeKind Kind, ConnectionAddress Address)> NextAsync()
        {
            Assert.True(await changes.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30)));
            return (changes.Current.Kind, changes.Current.Board.Address);
        }
    }

    [Fact]
    public async Task A_server_that_was_never_there_cannot_be_watched()
    {
        await using var changes = DefuseBoards.CreateCatalog().WatchAsync(ConnectionAddress.Parse("usbip://127.0.0.1:1/"), TestContext.Current.CancellationToken).GetAsyncEnumerator();
        var e = await Assert.ThrowsAsync<ConnectionException>(async () => await changes.MoveNextAsync());
        Assert.Equal(ConnectionFailure.CannotOpen, e.Failure);
    }

    private static BoardCatalog Catalog(IUsbHost host) => new([new DfuConnectionProvider(host, ChipDatabase.Default)], TimeProvider.System);

    private static async Task<List<BoardChange>> ChangesAsync(ScriptedHost host, ConnectionAddress? scope)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        host.Ended = ending.Cancel;
        var changes = new List<BoardChange>();
        try
        {
            await foreach (var change in Catalog(host).WatchAsync(scope, ending.Token))
            {
                changes.Add(change);
            }
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // The script is over.
        }

        return changes;
    }

    private sealed class ScriptedHost(params UsbDeviceInfo[][] lists) : IUsbHost
    {
        public Action Ended { get; set; } = () => { };

        public TransportException? Failure { get; init; }

        public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<UsbDeviceInfo>>(lists[0]);

        public ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async IAsyncEnumerable<IReadOnlyList<UsbDeviceInfo>> WatchAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
        {
            foreach (var list in lists)
            {
                yield return list;
            }

            if (Failure is not null)
            {
                throw Failure;
            }

            // Until all that was told is taken.
            await Task.Delay(100, cancellationToken);
            Ended();
        }
    }

    private sealed class StillProvider(string scheme) : IConnectionProvider
    {
        public string Scheme => scheme;

        public bool HasEnded { get; private set; }

        public ValueTask<IReadOnlyList<BoardInfo>> ListAsync(ConnectionAddress? scope, CancellationToken cancellationToken)
        {
            cancellationToken.Register(() => HasEnded = true);
            return ValueTask.FromResult<IReadOnlyList<BoardInfo>>([new BoardInfo { Address = ConnectionAddress.Of(scheme, "x"), Name = "x" }]);
        }

        public ValueTask<ITarget> OpenAsync(ConnectionAddress address, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
