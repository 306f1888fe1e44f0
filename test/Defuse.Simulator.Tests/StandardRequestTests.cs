using Defuse.Transports;

namespace Defuse.Simulator.Tests;

public sealed class StandardRequestTests
{
    [Theory]
    [InlineData(0x80, 0, 0, 0, 2, "01-00")] // GET_STATUS device: self-powered
    [InlineData(0x81, 0, 0, 0, 2, "00-00")] // GET_STATUS interface
    [InlineData(0x82, 0, 0, 0, 2, "00-00")] // GET_STATUS endpoint
    [InlineData(0x80, 8, 0, 0, 1, "01")] // GET_CONFIGURATION
    [InlineData(0x81, 10, 0, 0, 1, "00")] // GET_INTERFACE
    [InlineData(0x01, 11, 3, 0, 0, "")] // SET_INTERFACE, the last alternate setting
    [InlineData(0x01, 11, 4, 0, 0, null)] // one too many
    [InlineData(0x01, 11, 0, 1, 0, null)] // no such interface
    [InlineData(0x81, 10, 0, 1, 1, null)]
    [InlineData(0x81, 0, 0, 1, 2, null)]
    [InlineData(0x02, 1, 0, 0, 0, "")] // CLEAR_FEATURE(ENDPOINT_HALT) of endpoint 0
    [InlineData(0x00, 1, 1, 0, 0, null)] // no remote wake-up to clear
    [InlineData(0x00, 3, 1, 0, 0, null)] // nor to set
    [InlineData(0x00, 9, 2, 0, 0, null)] // no second configuration
    [InlineData(0x00, 5, 7, 0, 0, "")] // SET_ADDRESS
    [InlineData(0x80, 6, 0x0700, 0, 64, null)] // OTHER_SPEED_CONFIGURATION
    [InlineData(0x80, 6, 0x0201, 0, 64, null)] // a second configuration's descriptor
    [InlineData(0x40, 0, 0, 0, 0, null)] // a vendor request
    [InlineData(0xC0, 0x42, 0, 4, 64, null)] // no "MSFT100"
    [InlineData(0x21, 7, 0, 0, 0, null)] // no such class request
    [InlineData(0xA1, 1, 0, 0, 1, null)] // DNLOAD the wrong way round
    [InlineData(0xA1, 3, 0, 1, 6, null)] // GETSTATUS to an interface that is not there
    public async Task Each_request_gets_its_answer(byte type, byte request, ushort value, ushort index, ushort length, string? answer)
    {
        var wire = await Wire.OpenAsync(Wire.Board("pybv11"));
        var response = await wire.SendAsync(type, request, value, index, length);
        Assert.Equal(answer, response.Status == UsbControlStatus.Ack ? BitConverter.ToString(response.Data.ToArray()) : null);
        Assert.Equal(Wire.Idle, await wire.StateAsync());
    }

    [Fact]
    public async Task The_alternate_setting_is_remembered_until_the_configuration_changes()
    {
        var wire = await Wire.OpenAsync(Wire.Board("pybv11"));
        await wire.OutAsync(0x01, 11, 2);
        Assert.Equal(2, (await wire.SendAsync(0x81, 10, 0, 0, 1)).Data.Span[0]);
        await wire.OutAsync(0x00, 9, 0);
        await wire.OutAsync(0x00, 9, 1);
        Assert.Equal(0, (await wire.SendAsync(0x81, 10, 0, 0, 1)).Data.Span[0]);
    }

    [Fact]
    public async Task Class_requests_need_a_configuration()
    {
        var board = Wire.Board("pybv11");
        var wire = new Wire(await board.AttachAsync(TestContext.Current.CancellationToken));
        Assert.Equal(UsbControlStatus.Stall, (await wire.SendAsync(0xA1, 3, 0, 0, 6)).Status);
        Assert.Equal(0, (await wire.SendAsync(0x80, 8, 0, 0, 1)).Data.Span[0]);
        await wire.OutAsync(0x00, 9, 1);
        Assert.Equal((0, 0, Wire.Idle), await wire.StatusAsync());
    }

    [Fact]
    public async Task A_data_stage_that_is_not_what_setup_promised_is_refused()
    {
        var wire = await Wire.OpenAsync(Wire.Board("pybv11"));
        Assert.Equal(UsbControlStatus.Stall, (await wire.SendAsync(0x21, 1, 0, 0, 5, [0x41])).Status);
        Assert.Equal(Wire.Idle, await wire.StateAsync());
    }
}
