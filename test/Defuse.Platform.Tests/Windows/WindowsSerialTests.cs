using Defuse.Platform.Windows;
using Defuse.Transports;

namespace Defuse.Platform.Tests.Windows;

/// <summary>Serial ports of Windows, over a fake of its calls.</summary>
public class WindowsSerialTests
{
    private readonly FakeWindows _tree = new();
    private readonly FakeWindowsSerial _windows = new();
    private readonly WindowsSerialHost _host;

    public WindowsSerialTests() => _host = new WindowsSerialHost(_windows, new WindowsSerialInventory(_tree), TimeProvider.System);

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task Bytes_go_both_ways_as_they_come()
    {
        var com = _windows.Plug("COM5");
        await using (var port = await OpenAsync("COM5"))
        {
            var reading = port.ReadAsync(new byte[100], Soon).AsTask();
            com.Say(0, 13, 26);
            Assert.Equal(3, await reading);
            byte[] all = [.. Enumerable.Range(0, 10_000).Select(x => (byte)(x % 256))];
            await port.WriteAsync(all, Soon);
            Assert.Equal(all, com.Heard);
            com.Say(all);
            Assert.Equal(all, await ReadAsync(port, all.Length));
        }

        Assert.Equal(0, _windows.OpenHandles);
    }

    [Fact]
    public async Task A_port_is_set_up_with_nothing_that_touches_the_bytes()
    {
        var com = _windows.Plug("COM5");
        await using var port = await OpenAsync("COM5", new SerialSettings { BaudRate = 1200, Parity = SerialParity.Even, StopBits = SerialStopBits.Two, RequestToSend = false });
        Assert.Equal((1200u, (byte)8, (byte)2, (byte)2, 0x13u), (com.State.BaudRate, com.State.ByteSize, com.State.Parity, com.State.StopBits, com.State.Flags));
        Assert.Equal((true, false), (com.Dtr, com.Rts));
    }

    [Fact]
    public async Task A_driver_that_begins_with_the_same_character_for_XON_and_XOFF_is_set_up()
    {
        var com = _windows.Plug("COM5");
        com.State = com.State with { XonCharacter = 0, XoffCharacter = 0 };
        await using var port = await OpenAsync("COM5");
        Assert.Equal(115200u, com.State.BaudRate);
    }

    [Fact]
    public async Task Lines_stay_as_they_are_when_the_baud_rate_changes()
    {
        var com = _windows.Plug("COM5");
        await using var port = await OpenAsync("COM5");
        await port.SetLinesAsync(false, null, Soon);
        Assert.Equal((false, true), (com.Dtr, com.Rts));
        await port.ConfigureAsync(new SerialSettings { BaudRate = 1200 }, Soon);
        Assert.Equal((false, true, 1200u, 1200), (com.Dtr, com.Rts, com.State.BaudRate, port.Settings.BaudRate));
        com.ModemStatus = 0x10 | 0x80;
        Assert.Equal(SerialInputLines.ClearToSend | SerialInputLines.DataCarrierDetect, port.InputLines);
        await port.SendBreakAsync(TimeSpan.FromMilliseconds(1), Soon);
        Assert.Equal([6u, 8u, 9u], com.Functions);
    }

    [Fact]
    public async Task A_read_that_is_cancelled_loses_nothing()
    {
        var com = _windows.Plug("COM5");
        await using var port = await OpenAsync("COM5");
        for (var i = 0; i < 20; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var reading = port.ReadAsync(new byte[1], cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
            com.Say((byte)i);
            Assert.Equal([(byte)i], await ReadAsync(port, 1));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_was_thrown_away_does_not_come_back(bool isReading)
    {
        var com = _windows.Plug("COM5");
        await using var port = await OpenAsync("COM5");
        using var cancellation = new CancellationTokenSource();
        if (isReading)
        {
            var given = port.ReadAsync(new byte[1], cancellation.Token).AsTask();
            await cancellation.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => given);
        }

        com.Say("old"u8.ToArray());
        await port.DiscardInputAsync(Soon);
        com.Say("new"u8.ToArray());
        Assert.Equal("new"u8.ToArray(), await ReadAsync(port, 3));
    }

    [Fact]
    public async Task A_write_that_the_device_does_not_take_can_be_given_up()
    {
        var com = _windows.Plug("COM5");
        com.Listens = false;
        await using var port = await OpenAsync("COM5");
        using var cancellation = new CancellationTokenSource(20);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => port.WriteAsync(new byte[3], cancellation.Token).AsTask());
        com.Listens = true;
        await port.WriteAsync("x"u8.ToArray(), Soon);
        Assert.Equal("x"u8.ToArray(), com.Heard);
    }

    [Fact]
    public async Task A_board_that_is_unplugged_ends_what_waits_for_it()
    {
        var com = _windows.Plug("COM5");
        await using var port = await OpenAsync("COM5");
        var reading = port.ReadAsync(new byte[1], Soon).AsTask();
        _windows.Unplug(com);
        Func<Task>[] all =
        [
            () => reading,
            () => port.ReadAsync(new byte[1], Soon).AsTask(),
            () => port.WriteAsync("x"u8.ToArray(), Soon).AsTask(),
            () => port.ConfigureAsync(SerialSettings.Default, Soon).AsTask(),
            () => port.SetLinesAsync(true, null, Soon).AsTask(),
            () => port.SendBreakAsync(TimeSpan.FromMilliseconds(1), Soon).AsTask(),
            () => port.DiscardInputAsync(Soon).AsTask(),
            () => Task.FromResult(port.InputLines),
        ];
        foreach (var one in all)
        {
            Assert.Equal(TransportFailure.Disconnected, (await Assert.ThrowsAsync<TransportException>(one)).Failure);
        }
    }

    [Fact]
    public async Task Closing_ends_what_is_on_its_way_before_its_memory_goes()
    {
        var com = _windows.Plug("COM5");
        com.Listens = false;
        var port = await OpenAsync("COM5");
        var reading = port.ReadAsync(new byte[1], Soon).AsTask();
        var writing = port.WriteAsync(new byte[1], Soon).AsTask();
        await port.DisposeAsync();
        await port.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => reading);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => writing);
        Assert.Equal(0, _windows.OpenHandles);
    }

    [Theory]
    [InlineData(5, TransportFailure.CannotOpen, "another program has COM5 open")]
    [InlineData(32, TransportFailure.CannotOpen, "another program has COM5 open")]
    [InlineData(2, TransportFailure.Disconnected, "there is no serial port COM5")]
    [InlineData(31, TransportFailure.CannotOpen, "Windows does not open COM5 (error 31)")]
    public async Task Why_a_port_is_not_opened_is_said(int error, TransportFailure failure, string reason)
    {
        _windows.Plug("COM5").OpenError = error;
        var exception = await Assert.ThrowsAsync<TransportException>(() => OpenAsync("COM5"));
        Assert.Equal((failure, reason), (exception.Failure, exception.Message));
        Assert.NotNull(exception.Remedy);
    }

    [Fact]
    public async Task A_port_with_two_digits_is_opened_and_one_that_is_taken_is_not()
    {
        _windows.Plug("COM12");
        await using var port = await OpenAsync("COM12");
        Assert.Equal(TransportFailure.CannotOpen, (await Assert.ThrowsAsync<TransportException>(() => OpenAsync("COM12"))).Failure);
    }

    [Fact]
    public async Task A_baud_rate_that_the_driver_refuses_is_named_and_the_port_closed()
    {
        _windows.Plug("COM5").FastestBaudRate = 921_600;
        var exception = await Assert.ThrowsAsync<TransportException>(() => OpenAsync("COM5", new SerialSettings { BaudRate = 2_000_000 }));
        Assert.Contains("2000000 baud", exception.Message, StringComparison.Ordinal);
        Assert.Equal(0, _windows.OpenHandles);
    }

    [Fact]
    public async Task Ports_are_listed_with_the_devices_behind_them()
    {
        var hub = _tree.Controller(0x14);
        var stLink = _tree.Device(hub, 4, "VID_0483&PID_374B", "066DFF555185754867101234").Text(DevicePropertyKey.BusReportedDescription, "STM32 STLink").Bind("usbccgp", "USB");
        _tree.Node(@"USB\VID_0483&PID_374B&MI_02\7&1A2B3C4D&0&0002", stLink).Bind("usbser", "Ports").Value("PortName", 1, "COM12\0");
        _tree.Node(@"USB\VID_0483&PID_374B&MI_01\7&1A2B3C4D&0&0001", stLink).Bind("USBSTOR", "USB");
        var ftdi = _tree.Device(hub, 2, "VID_0403&PID_6001", "A50285BI").Bind("FTDIBUS", "USB");
        _tree.Node(@"FTDIBUS\VID_0403+PID_6001+A50285BIA\0000", ftdi).Bind("FTSER2K", "Ports").Value("PortName", 1, "COM5\0");
        _tree.Node(@"ACPI\PNP0501\1", null).Bind("Serial", "Ports").Value("PortName", 1, "COM1\0");
        _tree.Node(@"ACPI\PNP0400\1", null).Bind("Parport", "Ports").Value("PortName", 1, "LPT1\0");
        Assert.Equal(
            [
                new SerialPortInfo { Name = "COM1", Driver = "Serial" },
                new SerialPortInfo { Name = "COM5", UsbLocation = "1-2", VendorId = 0x0403, ProductId = 0x6001, SerialNumber = "A50285BI", Driver = "FTSER2K" },
                new SerialPortInfo
                {
                    Name = "COM12",
                    UsbLocation = "1-4",
                    InterfaceNumber = 2,
                    VendorId = 0x0483,
                    ProductId = 0x374B,
                    Product = "STM32 STLink",
                    SerialNumber = "066DFF555185754867101234",
                    Driver = "usbser",
                },
            ],
            await _host.ListAsync(default));
        _windows.Plug("COM12");
        await using var port = await OpenAsync("com12");
        Assert.Equal(("COM12", "1-4"), (port.Info.Name, port.Info.UsbLocation));
    }

    private static async Task<byte[]> ReadAsync(ISerialPort port, int count)
    {
        var all = new byte[count];
        for (var done = 0; done < count;)
        {
            done += await port.ReadAsync(all.AsMemory(done), Soon);
        }

        return all;
    }

    private Task<ISerialPort> OpenAsync(string name, SerialSettings? settings = null) => _host.OpenAsync(name, settings ?? SerialSettings.Default, Soon).AsTask();
}
