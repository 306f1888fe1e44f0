using System.Text;
using Defuse.Connections;
using Defuse.Platform;
using Defuse.Transports;

namespace Defuse.Tests.Boards;

/// <summary>A simulated program's serial line as a pseudo-terminal, through the system's own serial ports.</summary>
public sealed class SerialTerminalTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _folder = Directory.CreateTempSubdirectory("defuse-pty").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_REPL_answers_on_it_and_when_it_leaves_the_ROM_is_served()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "it is made on Linux only");
        await using var server = await StartAsync("sim:nucleo-f767zi?program=micropython&time=1");
        var export = Assert.Single(server.Exports);
        var host = PlatformSerial.CreateHost();
        await using (var port = await host.OpenAsync(export.SerialPort!, SerialSettings.Default, TestContext.Current.CancellationToken))
        {
            await UntilAsync(port, ">>> ");
            await port.WriteAsync("print('hello')\r"u8.ToArray(), TestContext.Current.CancellationToken);
            Assert.Equal("print('hello')\r\nhello\r\n>>> ", await UntilAsync(port, "\r\n>>> "));
            await port.WriteAsync("import machine; machine.bootloader()\r"u8.ToArray(), TestContext.Current.CancellationToken);
            await Assert.ThrowsAsync<TransportException>(() => UntilAsync(port, "never"));
        }

        await BecomesDfuAsync(export.Address);
        Assert.False(File.Exists(export.SerialPort));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)] // so short that nobody sees it open
    public async Task A_touch_at_1200_baud_is_seen_by_the_rate_and_the_closing(bool isLong)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "it is made on Linux only");
        await using var server = await StartAsync("sim:pybv11?program=arduino");
        var export = Assert.Single(server.Exports);
        await using (await PlatformSerial.CreateHost().OpenAsync(export.SerialPort!, SerialSettings.Default with { BaudRate = 1200 }, TestContext.Current.CancellationToken))
        {
            await Task.Delay(isLong ? 200 : 0, TestContext.Current.CancellationToken);
        }

        await BecomesDfuAsync(export.Address);
    }

    [Fact]
    public async Task A_port_that_is_closed_at_another_rate_is_no_touch()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "it is made on Linux only");
        await using var server = await StartAsync("sim:pybv11?program=arduino");
        var export = Assert.Single(server.Exports);
        await using (await PlatformSerial.CreateHost().OpenAsync(export.SerialPort!, SerialSettings.Default, TestContext.Current.CancellationToken))
        {
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        await Task.Delay(300, TestContext.Current.CancellationToken);
        Assert.True(File.Exists(export.SerialPort));
        Assert.Empty(await ListAsync(export.Address));
    }

    private async Task<SimulationServer> StartAsync(string board) => await SimulationServer.StartAsync(
        [ConnectionAddress.Parse(board)],
        new SimulationOptions { Port = 0, Folder = _folder, TimeScale = 1, SerialTerminals = true },
        messages: null,
        TestContext.Current.CancellationToken);

    private static async Task<string> UntilAsync(ISerialPort port, string end)
    {
        var text = new StringBuilder();
        var buffer = new byte[256];
        using var patience = new CancellationTokenSource(Patience);
        while (!text.ToString().EndsWith(end, StringComparison.Ordinal))
        {
            text.Append(Encoding.Latin1.GetString(buffer, 0, await port.ReadAsync(buffer, patience.Token)));
        }

        return text.ToString();
    }

    private static async Task BecomesDfuAsync(ConnectionAddress address)
    {
        var started = TimeProvider.System.GetTimestamp();
        while ((await ListAsync(address)).Count == 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(started) < Patience, "the ROM does not come");
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<IReadOnlyList<UsbDeviceInfo>> ListAsync(ConnectionAddress address)
    {
        var server = address.Path.Split('/')[0].Split(':');
        return await new UsbIp.UsbIpHost(server[0], int.Parse(server[1], System.Globalization.CultureInfo.InvariantCulture)).ListAsync(TestContext.Current.CancellationToken);
    }
}
