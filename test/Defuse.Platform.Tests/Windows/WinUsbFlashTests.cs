using Defuse.Connections;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Platform.Timing;
using Defuse.Platform.Windows;
using Defuse.Programming;
using Defuse.Simulator;
using Defuse.Targets.Dfu;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Windows;

/// <summary>A simulated board behind the fake of Windows, flashed as a real one would be.</summary>
public sealed class WinUsbFlashTests : IDisposable
{
    private const uint Start = 0x08000000;
    private const byte Dnload = 1;
    private const byte GetStatus = 3;

    private readonly SimulatedBoard _board =
        SimulatedBoardCatalog.Create("pybv11", 0, new Dictionary<string, string>(StringComparer.Ordinal), null, VirtualClockMode.Following);

    private readonly FakeWindows _windows = new();
    private readonly FakeNode _node;
    private readonly WinUsbHost _host;
    private readonly FirmwareImage _image;
    private readonly List<UsbSetupPacket> _seen = [];

    public WinUsbFlashTests()
    {
        _node = _windows.Board(_windows.Controller(1), 4).Bind("WinUSB", "USBDevice", Guid.NewGuid());
        _host = new WinUsbHost(_windows.WinUsb, new WindowsInventory(_windows, default), PreciseTimeProvider.Create());
        var bytes = new byte[40_000];
        new Random(1).NextBytes(bytes);
        ((byte[])[0x00, 0x00, 0x02, 0x20, 0x01, 0x02, 0x00, 0x08]).CopyTo(bytes, 0);
        _image = FirmwareImage.FromBytes(Start, bytes);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _board.Dispose();
        Assert.Equal(0, _windows.OpenHandles);
    }

    [Fact]
    public async Task A_board_is_flashed_verified_and_started()
    {
        await ServeAsync(x => x);
        var report = await FlashAsync(FlashOptions.Default);
        Assert.Null(report.Error);
        Assert.Equal((FlashOutcome.Verified, 0), (report.Outcome, report.Retries));
        AssertFlashed();
        Assert.False(_node.IsPresent);
        Assert.Equal(1, _node.Function!.Opened);
    }

    [Fact]
    public async Task A_GETSTATUS_whose_erase_outlasts_the_drivers_patience_is_asked_again_and_nothing_is_lost()
    {
        _node.Function!.TakesTimeouts = false;
        var silent = 0;
        await ServeAsync(x => x.Request == GetStatus && _seen is [.., { Request: Dnload, Length: 5 }, _] && silent++ < 4 ? null : x);
        var report = await FlashAsync(FlashOptions.Default with { Start = false });
        Assert.Null(report.Error);
        Assert.Equal((FlashOutcome.Verified, 0), (report.Outcome, report.Retries));
        AssertFlashed();
        Assert.Equal(5, _node.Function.Opened);
    }

    [Fact]
    public async Task A_board_that_is_pulled_out_leaves_a_report_that_says_so_and_no_handle()
    {
        var blocks = 0;
        await ServeAsync(x =>
        {
            if (x.Request == Dnload && x.Value >= 2 && ++blocks == 5)
            {
                _windows.Plug(_node, isPresent: false);
            }

            return x;
        });
        var report = await FlashAsync(FlashOptions.Default);
        Assert.Equal(TransportFailure.Disconnected, Assert.IsType<TransportException>(report.Error).Failure);
        Assert.False(report.IsSuccess);
    }

    [Fact]
    public async Task The_catalogue_lists_the_board_by_its_port_with_its_problem()
    {
        var provider = new DfuConnectionProvider(_host, ChipDatabase.Default);
        var board = Assert.Single(await provider.ListAsync(null, Cancel));
        Assert.Equal(("dfu:usb-1-4", "0483:df11", null), (board.Address.ToString(), board.UsbId, board.Problem));
        _node.Text(DevicePropertyKey.Service, "STTub30");
        board = Assert.Single(await provider.ListAsync(null, Cancel));
        Assert.Equal((AccessFailure.WrongDriver, "STTub30"), (board.Access, board.Driver));
    }

    /// <summary>Has the simulated board answer.</summary>
    /// <param name="pass">Sees every packet after it was noted; null has the driver give up after the board took it.</param>
    private async Task ServeAsync(Func<UsbSetupPacket, UsbSetupPacket?> pass)
    {
        var peripheral = await _board.AttachAsync(Cancel);
        UsbControlResponse Ask(UsbSetupPacket setup, byte[] data) =>
            peripheral.ControlAsync(setup, setup.IsIn ? default : data, CancellationToken.None).AsTask().GetAwaiter().GetResult();

        // Windows configures every device before a driver sees it.
        Ask(new(0x00, UsbStandardRequest.SetConfiguration, 1, 0, 0), []);
        _node.Function!.Selecting = (number, alternateSetting) => Ask(new(0x01, UsbStandardRequest.SetInterface, alternateSetting, number, 0), []);
        _node.Function.Answer = (setup, data) =>
        {
            _seen.Add(setup);
            var isHeard = pass(setup) is not null;
            var answer = _node.IsPresent ? Ask(setup, data) : UsbControlResponse.Disconnected;
            if (!peripheral.IsConnected)
            {
                _windows.Plug(_node, isPresent: false);
            }

            // What Windows says of a STALL it says of a device that leaves, too.
            return !isHeard ? FakeAnswer.SemaphoreTimeout : answer.Status == UsbControlStatus.Ack ? FakeAnswer.Of(answer.Data.ToArray()) : FakeAnswer.Failed(31);
        };
    }

    private async Task<FlashReport> FlashAsync(FlashOptions options)
    {
        await using var target = await DfuDevice.OpenAsync(_host, "1-4", "dfu:usb-1-4", ChipDatabase.Default, Cancel);
        return await new Programmer(target).FlashAsync(_image, options, null, Cancel);
    }

    private void AssertFlashed()
    {
        var flash = new byte[40_000];
        _board.Chip.ReadFlash(Start, flash);
        Assert.Equal(_image.Segments[0].Data.ToArray(), flash);
    }
}
