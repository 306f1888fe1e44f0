using System.Buffers.Binary;
using Defuse.Transports;

namespace Defuse.Simulator.Tests;

/// <summary>A host that knows nothing but setup packets.</summary>
internal sealed class Wire(IUsbPeripheral peripheral)
{
    public const byte Idle = 2, DnloadSync = 3, DnBusy = 4, DnloadIdle = 5, ManifestSync = 6, Manifest = 7, UploadIdle = 9, Error = 10;

    public IUsbPeripheral Peripheral => peripheral;

    public static SimulatedBoard Board(string name, int instance = 0, params (string Name, string Value)[] options) =>
        SimulatedBoardCatalog.Create(
            name, instance, options.ToDictionary(x => x.Name, x => x.Value, StringComparer.Ordinal), folder: null, VirtualClockMode.Stepped);

    public static async Task<Wire> OpenAsync(IUsbSocket socket)
    {
        var wire = new Wire(await socket.AttachAsync(TestContext.Current.CancellationToken));
        Assert.Equal(UsbControlStatus.Ack, (await wire.OutAsync(0x00, 9, 1)).Status);
        return wire;
    }

    public static byte[] Address(byte command, uint address)
    {
        var bytes = new byte[5];
        bytes[0] = command;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), address);
        return bytes;
    }

    public ValueTask<UsbControlResponse> SendAsync(byte type, byte request, ushort value, ushort index, ushort length, byte[]? data = null) =>
        peripheral.ControlAsync(new(type, request, value, index, length), data, TestContext.Current.CancellationToken);

    public ValueTask<UsbControlResponse> OutAsync(byte type, byte request, ushort value, params byte[] data) =>
        SendAsync(type, request, value, 0, (ushort)data.Length, data);

    public ValueTask<UsbControlResponse> DnloadAsync(ushort block, params byte[] data) => OutAsync(0x21, 1, block, data);

    public ValueTask<UsbControlResponse> UploadAsync(ushort block, int length) => SendAsync(0xA1, 2, block, 0, (ushort)length);

    public async Task<UsbControlStatus> AbortAsync() => (await OutAsync(0x21, 6, 0)).Status;

    public async Task<UsbControlStatus> ClrStatusAsync() => (await OutAsync(0x21, 4, 0)).Status;

    public async Task<byte> StateAsync() => (await SendAsync(0xA1, 5, 0, 0, 1)).Data.Span[0];

    public async Task<(byte Status, int Poll, byte State)> StatusAsync() => Decode(await SendAsync(0xA1, 3, 0, 0, 6));

    /// <summary>
    /// DNLOAD, then GETSTATUS as often as it takes, waiting as long as the device says. A STALL meanwhile is tolerated three
    /// times, as dfu-util does for the L4.
    /// </summary>
    public async Task<(byte Status, int Poll, byte State)> DoAsync(ushort block, params byte[] data)
    {
        Assert.Equal(UsbControlStatus.Ack, (await DnloadAsync(block, data)).Status);
        var status = await StatusAsync();
        var stalls = 0;
        var started = peripheral.Time.GetTimestamp();
        while (status.State == DnBusy)
        {
            Assert.True(peripheral.Time.GetElapsedTime(started) < TimeSpan.FromMinutes(1), "the device is busy for good");
            await Task.Delay(TimeSpan.FromMilliseconds(status.Poll), peripheral.Time);
            var response = await SendAsync(0xA1, 3, 0, 0, 6);
            if (response.Status == UsbControlStatus.Stall)
            {
                Assert.True(++stalls <= 3, "the device refused to be asked four times");
                continue;
            }

            status = Decode(response);
        }

        return status;
    }

    public async Task SetAddressAsync(uint address) => Assert.Equal((0, 0, DnloadIdle), await DoAsync(0, Address(0x21, address)));

    public async Task EraseAsync(uint address) => Assert.Equal((0, 0, DnloadIdle), await DoAsync(0, Address(0x41, address)));

    private static (byte Status, int Poll, byte State) Decode(UsbControlResponse response)
    {
        Assert.Equal(UsbControlStatus.Ack, response.Status);
        Assert.Equal(6, response.Data.Length);
        var b = response.Data.ToArray();
        return (b[0], b[1] | (b[2] << 8) | (b[3] << 16), b[4]);
    }
}
