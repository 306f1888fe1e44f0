using Defuse.Connections;

namespace Defuse.Tests.Boards;

public sealed class ConnectionAddressTests
{
    [Theory]
    [InlineData("sim:nucleo-f767zi", "sim", "nucleo-f767zi", 0, "")]
    [InlineData("sim:nucleo-f767zi#2", "sim", "nucleo-f767zi", 2, "")]
    [InlineData("sim:nucleo-f767zi#2?bank=dual&wrp=4,5", "sim", "nucleo-f767zi", 2, "bank=dual wrp=4,5")]
    [InlineData("usbip://127.0.0.1:3240/1-1", "usbip", "127.0.0.1:3240/1-1", 0, "")]
    [InlineData("usbip://[::1]:3240/1-1", "usbip", "[::1]:3240/1-1", 0, "")]
    [InlineData("dfu:usb-1-4.2", "dfu", "usb-1-4.2", 0, "")]
    [InlineData("dfu:serial=205B33875532", "dfu", "serial=205B33875532", 0, "")]
    public void Addresses_are_read_and_written_alike(string text, string scheme, string path, int instance, string options)
    {
        var address = ConnectionAddress.Parse(text);

        Assert.Equal((scheme, path, instance), (address.Scheme, address.Path, address.Instance));
        Assert.Equal(options, string.Join(' ', address.Options.Select(x => $"{x.Key}={x.Value}")));
        Assert.Equal(text, address.ToString());
        Assert.Equal(address, ConnectionAddress.Parse(address.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("nucleo-f767zi")]
    [InlineData(":x")]
    [InlineData("sim:x#")]
    [InlineData("sim:x#-1")]
    [InlineData("sim:x#99999999999")]
    [InlineData("sim:x?bank")]
    [InlineData("sim:x?=dual")]
    [InlineData("sim:x?bank=dual&bank=single")]
    public void What_is_no_address_is_refused_with_a_remedy(string text)
    {
        var e = Assert.Throws<ConnectionException>(() => ConnectionAddress.Parse(text));

        Assert.Equal(ConnectionFailure.BadAddress, e.Failure);
        Assert.NotNull(e.Remedy);
    }

    [Theory]
    [InlineData("sim:nosuchboard")]
    [InlineData("sim:nucleo-f767zi?colour=red")]
    [InlineData("stlink:usb-1-4.1")]
    [InlineData("usbip://")]
    [InlineData("usbip://host:0/1-1")]
    [InlineData("usbip://host:99999/1-1")]
    [InlineData("usbip://host/1-1/2")]
    [InlineData("dfu:whatever")]
    public async Task An_address_that_nothing_can_open_is_refused_with_a_remedy(string text)
    {
        using var folder = new TemporaryFolder();
        var catalog = DefuseBoards.CreateCatalog(new DefuseBoardsOptions { SimulatorFolder = folder.Path });

        var e = await Assert.ThrowsAsync<ConnectionException>(async () => await catalog.OpenAsync(ConnectionAddress.Parse(text), TestContext.Current.CancellationToken));

        Assert.Equal(ConnectionFailure.BadAddress, e.Failure);
        Assert.NotNull(e.Remedy);
    }
}
