using Defuse.Diagnostics;
using Defuse.Platform.Windows;

namespace Defuse.Platform.Tests.Windows;

public sealed class WinUsbMenderTests : IDisposable
{
    private static readonly Guid DfuSe = new("3FE809AB-FB91-4CB5-A643-69670D52366E");

    private readonly string _folder = Directory.CreateTempSubdirectory("defuse-drivers-").FullName;
    private readonly FakeWindows _windows = new();
    private readonly FakeDriverSetup _setup;
    private readonly FakeNode _hub;

    public WinUsbMenderTests()
    {
        _setup = new FakeDriverSetup(_windows);
        _hub = _windows.Controller(0x14);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private static HostInventory Seen => new() { System = new HostSystem { Kind = HostKind.Windows, Version = "Windows 10.0.19045" } };

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_board_without_a_driver_gets_WinUSB_and_loses_it_again()
    {
        _windows.Board(_hub, 4).Number(DevicePropertyKey.ProblemCode, 28);
        var fix = (await Mender().PlanFixAsync(Seen, Cancel))!;
        Assert.True(fix.IsExperimental);
        Assert.Contains("  remember that it has no driver", fix.Steps);
        Assert.Empty(_setup.Calls);

        var result = await fix.ApplyAsync(Cancel);
        Assert.True(result.IsDone, result.Text);
        Assert.Equal(["build winusb.inf", "install 1", "guid", "restart"], _setup.Calls);
        var device = Assert.Single(await DevicesAsync());
        Assert.Equal("WinUSB", device.Main.Service);
        Assert.Equal([WinUsbMender.InterfaceGuid], device.Main.InterfaceGuids);
        Assert.Null(device.Info.Problem);
        Assert.Null(await Mender().PlanFixAsync(Seen, Cancel));

        _setup.Calls.Clear();
        Assert.True((await (await Mender().PlanUndoAsync(Seen, Cancel))!.ApplyAsync(Cancel)).IsDone);
        Assert.Equal(["remove", "rescan"], _setup.Calls);
        Assert.Null(await Mender().PlanUndoAsync(Seen, Cancel));
        Assert.Equal(0, _setup.OpenHandles);
    }

    [Fact]
    public async Task The_driver_before_comes_back_from_what_Windows_kept()
    {
        _windows.Board(_hub, 4).Bind("STTub30", "USB", DfuSe).Text(DevicePropertyKey.DriverFile, "oem12.inf");
        var fix = (await Mender().PlanFixAsync(Seen, Cancel))!;
        Assert.Contains("  remember that its driver is STTub30, from oem12.inf", fix.Steps);
        Assert.True((await fix.ApplyAsync(Cancel)).IsDone);
        _setup.Kept = ("STTub30", "USB");
        Assert.True((await (await Mender().PlanUndoAsync(Seen, Cancel))!.ApplyAsync(Cancel)).IsDone);
        Assert.Equal("STTub30", Assert.Single(await DevicesAsync()).Main.Service);
    }

    [Theory]
    [InlineData(true, "roll back, build oem12.inf, install 0")]
    [InlineData(false, "roll back, build oem12.inf, remove, rescan")]
    public async Task Where_Windows_kept_nothing_the_file_is_chosen_again_or_Windows_chooses(bool hasFile, string expected)
    {
        _windows.Board(_hub, 4).Bind("STTub30", "USB", DfuSe).Text(DevicePropertyKey.DriverFile, "oem12.inf");
        await (await Mender().PlanFixAsync(Seen, Cancel))!.ApplyAsync(Cancel);
        if (hasFile)
        {
            _setup.Files[@"C:\Windows\INF/oem12.inf"] = [(@"USB\VID_0483&PID_DF11", "STTub30")];
        }

        _setup.Calls.Clear();
        Assert.True((await (await Mender().PlanUndoAsync(Seen, Cancel))!.ApplyAsync(Cancel)).IsDone);
        Assert.Equal(expected, string.Join(", ", _setup.Calls));
    }

    [Fact]
    public async Task WinUSB_that_nothing_can_open_only_gets_an_interface()
    {
        _windows.Board(_hub, 4).Bind("WinUSB", "USBDevice");
        Assert.True((await (await Mender().PlanFixAsync(Seen, Cancel))!.ApplyAsync(Cancel)).IsDone);
        Assert.Equal(["guid", "restart"], _setup.Calls);
        Assert.Null(await Mender().PlanUndoAsync(Seen, Cancel));
    }

    [Fact]
    public async Task Nothing_but_a_known_bootloader_that_is_closed_is_touched()
    {
        _windows.Board(_hub, 1).Bind("WinUSB", "USBDevice", DfuSe);
        _windows.Board(_hub, 2, "X1", "VID_1234&PID_5678").Number(DevicePropertyKey.ProblemCode, 28);
        _windows.Board(_hub, 3, "X2").Bind("VBoxUSB", "USB");
        _windows.Device(_hub, 5, "VID_0A12&PID_0001", "X3").List(DevicePropertyKey.CompatibleIds, @"USB\Class_FE&SubClass_01&Prot_01").Number(DevicePropertyKey.ProblemCode, 28);

        // A composite device: DFU is one of its functions.
        var parent = _windows.Device(_hub, 6, "VID_0483&PID_DF11", "X4").Bind("usbccgp", "USB");
        _windows.Node(@"USB\VID_0483&PID_DF11&MI_00\7&1&0&0000", parent).List(DevicePropertyKey.CompatibleIds, @"USB\Class_FE&SubClass_01&Prot_02").Number(DevicePropertyKey.ProblemCode, 28);
        Assert.Null(await Mender().PlanFixAsync(Seen, Cancel));
    }

    [Fact]
    public async Task Without_an_administrators_rights_it_is_shown_and_how_to_get_them()
    {
        _windows.Board(_hub, 4).Number(DevicePropertyKey.ProblemCode, 28);
        _setup.IsElevated = false;
        var fix = (await Mender().PlanFixAsync(Seen, Cancel))!;
        Assert.Contains("administrator", fix.Obstacle, StringComparison.Ordinal);
        Assert.Contains("Run as administrator", fix.Remedy, StringComparison.Ordinal);
        Assert.NotEmpty(fix.Steps);
    }

    [Fact]
    public async Task A_refusal_is_told_and_nothing_is_remembered()
    {
        _windows.Board(_hub, 4).Number(DevicePropertyKey.ProblemCode, 28);
        _setup.IsRefused = true;
        var result = await (await Mender().PlanFixAsync(Seen, Cancel))!.ApplyAsync(Cancel);
        Assert.False(result.IsDone);
        Assert.Contains("0x00000005", result.Text, StringComparison.Ordinal);
        Assert.Null(await Mender().PlanUndoAsync(Seen, Cancel));
        Assert.Equal(0, _setup.OpenHandles);
    }

    [Fact]
    public async Task A_Windows_without_the_driver_changes_nothing()
    {
        _windows.Board(_hub, 4).Number(DevicePropertyKey.ProblemCode, 28);
        _setup.Files.Clear();
        var result = await (await Mender().PlanFixAsync(Seen, Cancel))!.ApplyAsync(Cancel);
        Assert.False(result.IsDone);
        Assert.Contains("winusb.inf", result.Text, StringComparison.Ordinal);
        Assert.Equal(["build winusb.inf"], _setup.Calls);
    }

    [Fact]
    public async Task A_board_that_was_unplugged_between_is_told_of()
    {
        var board = _windows.Board(_hub, 4).Number(DevicePropertyKey.ProblemCode, 28);
        var fix = (await Mender().PlanFixAsync(Seen, Cancel))!;
        _windows.Plug(board, isPresent: false);
        Assert.Contains("not there any more", (await fix.ApplyAsync(Cancel)).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_else_changed_since_is_left()
    {
        var board = _windows.Board(_hub, 4).Number(DevicePropertyKey.ProblemCode, 28);
        await (await Mender().PlanFixAsync(Seen, Cancel))!.ApplyAsync(Cancel);
        board.Bind("libusbK", "libusbK");
        Assert.Contains("somebody changed it since", (await Mender().PlanUndoAsync(Seen, Cancel))!.Obstacle, StringComparison.Ordinal);
        _windows.Plug(board, isPresent: false);
        Assert.Contains("not plugged in", (await Mender().PlanUndoAsync(Seen, Cancel))!.Obstacle, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("[null]")]
    [InlineData("[{}]")]
    public async Task A_damaged_record_is_as_none(string text)
    {
        await File.WriteAllTextAsync(Path.Combine(_folder, "drivers.json"), text, Cancel);
        Assert.Null(await Mender().PlanUndoAsync(Seen, Cancel));
    }

    private async Task<IEnumerable<WindowsUsbDevice>> DevicesAsync() => await Inventory().DevicesAsync(Cancel);

    private WindowsInventory Inventory() => new(_windows, new WindowsLibraries(HasLibUsbK: false, HasLibUsb: false));

    private WinUsbMender Mender()
    {
        var reader = new WindowsDeviceReader(_windows);
        return new WinUsbMender(
            Inventory(),
            x => reader.Locate(x) is { } devNode ? reader.Text(devNode, DevicePropertyKey.DriverFile) : null,
            _setup,
            new DriverRecords(Path.Combine(_folder, "drivers.json")),
            @"C:\Windows\INF");
    }
}
