using Defuse.Connections;
using Defuse.Core.Tests.Programming;
using Defuse.Devices;
using Defuse.Diagnostics;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Core.Tests.Connections;

public class ExamineTests
{
    private const byte Dnload = 1;
    private const byte GetStatus = 3;
    private const byte ClrStatus = 4;
    private const byte GetState = 5;
    private const byte Abort = 6;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("single", false)]
    [InlineData("dual", true)]
    public async Task A_board_in_dfuIDLE_tells_everything_and_is_left_there(string bank, bool isDual)
    {
        using var bench = new Bench("nucleo-f767zi", ("bank", bank), ("wrp", "4,5"));
        var condition = await ExamineAsync(bench);
        Assert.Equal(((int?)2, null, null), (condition.State, condition.Status, condition.Problem));
        Assert.StartsWith("@Internal Flash", condition.Memories[0], StringComparison.Ordinal);
        Assert.Equal("STM32F765/F767/F769/F777/F779", condition.Chips[0]);
        Assert.Equal(ReadOutProtection.None, condition.ReadOut);
        Assert.Equal([4, 5], condition.WriteProtected.Take(2));
        Assert.Equal(((bool?)isDual, false), (condition.IsDualBank, condition.IsBankModeInDoubt));
        Assert.Equal(GetState, bench.Wire.Requests[0].Request);
        Assert.Equal(DfuState.Idle, await StateAsync(bench));
    }

    [Fact]
    public async Task A_protected_board_is_told_of()
    {
        using var bench = new Bench("nucleo-f767zi", ("rdp", "1"));
        var condition = await ExamineAsync(bench);
        Assert.Equal(ReadOutProtection.Level1, condition.ReadOut);
        Assert.Null(condition.IsDualBank);
        Assert.True(condition.IsBankModeInDoubt);
        Assert.Null(condition.Problem);
    }

    [Fact]
    public async Task A_board_in_dfuERROR_tells_why_and_stays_there()
    {
        using var bench = new Bench();
        await using (var device = await OpenAsync(bench))
        {
            // The pointer to an address where there is nothing.
            await device.ControlOutAsync(new UsbSetupPacket(0x21, Dnload, 0, 0, 5), new byte[] { 0x21, 0, 0, 0, 0xF0 }, Timeout, Bench.Cancel);
            for (var i = 0; i < 2; i++)
            {
                await device.ControlInAsync(new UsbSetupPacket(0xA1, GetStatus, 0, 0, 6), new byte[6], Timeout, Bench.Cancel);
            }
        }

        Assert.Equal(DfuState.Error, await StateAsync(bench));
        bench.Wire.Requests.Clear();
        var condition = await ExamineAsync(bench);
        Assert.Equal((int?)10, condition.State);
        Assert.NotNull(condition.Status);
        Assert.NotEqual(0, condition.Status);
        Assert.Equal("STM32F765/F767/F769/F777/F779", condition.Chips[0]);
        Assert.Null(condition.ReadOut);
        Assert.DoesNotContain(bench.Wire.Requests, x => x.Request is Dnload or ClrStatus or Abort);
        Assert.Equal(DfuState.Error, await StateAsync(bench));
    }

    [Fact]
    public async Task What_was_stored_and_not_started_is_neither_started_nor_thrown_away()
    {
        using var bench = new Bench();
        bench.FillFlash();
        await using (var device = await OpenAsync(bench))
        {
            await device.ControlOutAsync(new UsbSetupPacket(0x21, Dnload, 0, 0, 5), new byte[] { 0x41, 0, 0, 0, 0x08 }, Timeout, Bench.Cancel);
        }

        bench.Wire.Requests.Clear();
        var condition = await ExamineAsync(bench);
        Assert.Equal((int?)3, condition.State);
        Assert.DoesNotContain(bench.Wire.Requests, x => x.Request is Dnload or GetStatus or ClrStatus or Abort);
        Assert.Equal(DfuState.DownloadSync, await StateAsync(bench));
    }

    [Fact]
    public async Task A_board_that_fails_in_the_middle_tells_what_it_told_until_then()
    {
        using var bench = new Bench();
        bench.Wire.Intercept = (_, setup) => setup.Request == GetState ? UsbControlResponse.Stall : null;
        var condition = await ExamineAsync(bench);
        Assert.NotNull(condition.Problem);
        Assert.Null(condition.State);
        Assert.Equal("STM32F765/F767/F769/F777/F779", condition.Chips[0]);
        Assert.DoesNotContain(bench.Wire.Requests, x => x.Request is GetStatus);
    }

    [Fact]
    public async Task A_board_that_never_answers_is_given_up()
    {
        using var bench = new Bench();
        var catalog = new BoardCatalog([new DfuConnectionProvider(new HangingHost(new UsbPeripheralHost([bench.Wire])), ChipDatabase.Default)], TimeProvider.System);
        await bench.Board.AttachAsync(Bench.Cancel);
        var condition = Assert.Single(await catalog.ExamineAsync(null, TimeSpan.FromMilliseconds(50), Bench.Cancel)).Condition!;
        Assert.Contains("does not answer", condition.Problem, StringComparison.Ordinal);
        Assert.NotNull(condition.Remedy);
    }

    [Fact]
    public async Task A_program_that_offers_DFU_is_not_left()
    {
        using var bench = new Bench("nucleo-f767zi");
        var host = new RunTimeHost();
        var catalog = new BoardCatalog([new DfuConnectionProvider(host, ChipDatabase.Default)], TimeProvider.System);
        Assert.Empty(await catalog.ExamineAsync(null, Timeout, Bench.Cancel));
        Assert.Equal(0, host.Opened);
    }

    [Fact]
    public async Task A_board_that_cannot_be_opened_is_left_alone_unless_it_is_named()
    {
        var host = new ClosedHost();
        var catalog = new BoardCatalog([new DfuConnectionProvider(host, ChipDatabase.Default)], TimeProvider.System);
        Assert.Empty(await catalog.ExamineAsync(null, Timeout, Bench.Cancel));
        var device = Assert.Single(await catalog.ExamineAsync(ConnectionAddress.Parse("dfu:usb-1-4"), Timeout, Bench.Cancel));
        Assert.Equal(("1-4", "dfu:usb-1-4", "nobody may"), (device.Condition!.Location, device.Condition.Address, device.Condition.Problem));
        Assert.Equal(AccessFailure.PermissionDenied, device.Device.Problem!.Failure);
    }

    private static async Task<DfuCondition> ExamineAsync(Bench bench)
    {
        await bench.Board.AttachAsync(Bench.Cancel);
        var catalog = new BoardCatalog([new DfuConnectionProvider(new UsbPeripheralHost([bench.Wire]), ChipDatabase.Default)], TimeProvider.System);
        var device = Assert.Single(await catalog.ExamineAsync(null, Timeout, Bench.Cancel));
        Assert.Equal((bench.Board.Location, (ushort)0x0483, (ushort)0xDF11), (device.Device.Location, device.Device.VendorId, device.Device.ProductId));
        Assert.Equal(bench.Board.Location, device.Condition!.Location);
        return device.Condition;
    }

    private static async Task<IUsbDevice> OpenAsync(Bench bench)
    {
        var device = await new UsbPeripheralHost([bench.Wire]).OpenAsync(bench.Board.Location, Bench.Cancel);
        await device.ClaimInterfaceAsync(0, Bench.Cancel);
        return device;
    }

    private static async Task<DfuState> StateAsync(Bench bench)
    {
        await using var device = await OpenAsync(bench);
        var state = new byte[1];
        await device.ControlInAsync(new UsbSetupPacket(0xA1, GetState, 0, 0, 1), state, Timeout, Bench.Cancel);
        return (DfuState)state[0];
    }

    private sealed class HangingHost(IUsbHost host) : IUsbHost
    {
        public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => host.ListAsync(cancellationToken);

        public async ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
        {
            await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
            throw new InvalidOperationException();
        }
    }

    private sealed class RunTimeHost : IUsbHost
    {
        public int Opened { get; private set; }

        public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<UsbDeviceInfo>>(
            [new UsbDeviceInfo { Location = "1-1", VendorId = 0x0A12, ProductId = 0x0001, Interfaces = [new UsbInterfaceInfo(0xFE, 1, 1)] }]);

        public ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken)
        {
            Opened++;
            throw new TransportException(TransportFailure.CannotOpen, "no");
        }
    }

    private sealed class ClosedHost : IUsbHost
    {
        public ValueTask<IReadOnlyList<UsbDeviceInfo>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult<IReadOnlyList<UsbDeviceInfo>>(
        [
            new UsbDeviceInfo
            {
                Location = "1-4",
                VendorId = 0x0483,
                ProductId = 0xDF11,
                Interfaces = [new UsbInterfaceInfo(0xFE, 1, 2)],
                Problem = new AccessProblem(AccessFailure.PermissionDenied, "nobody may", "ask"),
            },
        ]);

        public ValueTask<IUsbDevice> OpenAsync(string location, CancellationToken cancellationToken) =>
            throw new TransportException(TransportFailure.CannotOpen, "nobody may", "ask");
    }
}
