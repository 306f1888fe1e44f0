using Defuse.Cli.DfuUtil;
using Defuse.Connections;

namespace Defuse.Cli.Tests.DfuUtil;

/// <summary>A DfuSe device that lets nobody read what was written to it.</summary>
public sealed class UnreadableTests
{
    // dfu-util reads nothing back, and callers look for this line.
    [Fact]
    public async Task What_it_took_is_said_to_be_downloaded_and_not_to_be_verified()
    {
        using var cli = new Cli();
        using var output = new StringWriter { NewLine = "\n" };
        using var error = new StringWriter { NewLine = "\n" };
        var environment = new CliEnvironment
        {
            Out = output,
            Error = error,
            OpenOutStream = () => Stream.Null,
            OpenInStream = () => Stream.Null,
            GetVariable = _ => null,
            Time = TimeProvider.System,
            Version = "1.2.3",
        };
        var path = cli.Write("firmware.bin", [0x00, 0x10, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08, .. new byte[56]]);
        var options = DfuUtilOptions.Parse(["-a", "0", "-s", "0x08000000", "-D", path]);
        var memory = new DfuMemoryName(0, "@Internal Flash  /0x08000000/04*032Kf,01*128Kf");
        var listing = new DfuListing { Address = ConnectionAddress.Parse("dfu:usb-1-4"), Location = "1-4", VendorId = 0x0483, ProductId = 0xDF11, Memories = [memory] };
        var target = new FakeTarget("dfu:usb-1-4", isReadable: false);
        var file = await FirmwareBytes.LoadAsync(environment, path, TestContext.Current.CancellationToken);

        await new DfuUtilSession(new DfuUtilConsole(environment), target, listing, memory, options).RunAsync(file, TestContext.Current.CancellationToken);

        Assert.EndsWith("\nDownload done.\nFile downloaded successfully\n", output.ToString(), StringComparison.Ordinal);
        Assert.Equal("dfu-util: the device does not let its memory be read: what was written could not be verified\n", error.ToString());
    }
}
