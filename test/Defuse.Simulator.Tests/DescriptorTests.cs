using System.Text;
using Defuse.Transports;

namespace Defuse.Simulator.Tests;

public sealed class DescriptorTests
{
    private static readonly string[] F405 =
    [
        "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg",
        "@Option Bytes  /0x1FFFC000/01*016 e",
        "@OTP Memory /0x1FFF7800/01*512 e,01*016 e",
        "@Device Feature/0xFFFF0000/01*004 e",
    ];

    [Theory]
    [InlineData("pybv11", "12 01 00 01 00 00 00 40 83 04 11 DF 00 22 01 02 03 01")]
    [InlineData("nucleo-f767zi", "12 01 00 01 00 00 00 40 83 04 11 DF 00 22 01 02 03 01")]
    [InlineData("nucleo-h743zi", "12 01 00 02 00 00 00 40 83 04 11 DF 00 02 01 02 03 01")]
    public async Task The_device_descriptor_is_the_captured_one(string board, string bytes)
    {
        var wire = await Wire.OpenAsync(Wire.Board(board));
        Assert.Equal(bytes, await DescriptorAsync(wire, 1, 0, 18));
    }

    [Theory]
    [InlineData("pybv11", 4, "00 08")]
    [InlineData("nucleo-f767zi", 4, "00 08")]
    [InlineData("nucleo-h743zi", 2, "00 04")]
    public async Task The_configuration_has_the_functional_descriptor_after_the_last_alternate_setting(string board, int alternates, string size)
    {
        var length = 18 + (9 * alternates);
        var expected = $"09 02 {length:X2} 00 01 01 00 C0 32";
        for (var i = 0; i < alternates; i++)
        {
            expected += $" 09 04 00 {i:X2} 00 FE 01 02 {4 + i:X2}";
        }

        var wire = await Wire.OpenAsync(Wire.Board(board));
        Assert.Equal($"{expected} 09 21 0B FF 00 {size} 1A 01", await DescriptorAsync(wire, 2, 0, 255));
        Assert.Equal(expected[..26], await DescriptorAsync(wire, 2, 0, 9));
    }

    [Theory]
    [InlineData("pybv11", "STM32  BOOTLOADER")]
    [InlineData("nucleo-f767zi", "STM32  BOOTLOADER")]
    [InlineData("nucleo-h743zi", "DFU in FS Mode")]
    public async Task The_strings_are_the_captured_ones(string name, string product)
    {
        string[] alternates = name switch
        {
            "pybv11" => F405,
            "nucleo-f767zi" =>
            [
                "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg",
                "@Option Bytes  /0x1FFF0000/01*048 e",
                "@OTP Memory /0x1FF0F000/01*1040e",
                "@Device Feature/0xFFFF0000/01*004 e",
            ],
            _ => ["@Internal Flash   /0x08000000/16*128Kg", "@Option Bytes   /0x5200201C/01*128 e"],
        };
        var board = Wire.Board(name);
        var wire = await Wire.OpenAsync(board);
        Assert.Equal("04 03 09 04", await DescriptorAsync(wire, 3, 0, 255));
        string[] expected = ["STMicroelectronics", product, board.SerialNumber, .. alternates];
        for (var i = 0; i < expected.Length; i++)
        {
            var text = Encoding.Unicode.GetBytes(expected[i]);
            byte[] bytes = [(byte)(text.Length + 2), 3, .. text];
            Assert.Equal(Hex(bytes), await DescriptorAsync(wire, 3, (byte)(i + 1), 255));
        }

        Assert.Null(await DescriptorAsync(wire, 3, (byte)(expected.Length + 1), 255));
    }

    [Fact]
    public async Task Two_banks_are_told_by_the_string()
    {
        var wire = await Wire.OpenAsync(Wire.Board("nucleo-f767zi", 0, ("bank", "dual")));
        var bytes = (await wire.SendAsync(0x80, 6, 0x0304, 0x0409, 255)).Data.ToArray();
        Assert.Equal(
            "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg", Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2));
    }

    [Theory]
    [InlineData("pybv11", "09 21 0B FF 00 00 08 1A 01")]
    [InlineData("nucleo-f767zi", "09 21 0B FF 00 00 08 1A 01")]
    [InlineData("nucleo-h743zi", null)]
    public async Task The_functional_descriptor_alone_comes_from_the_older_generation(string board, string? bytes)
    {
        var wire = await Wire.OpenAsync(Wire.Board(board));
        Assert.Equal(bytes, await DescriptorAsync(wire, 0x21, 0, 9));
    }

    [Fact]
    public async Task There_is_no_device_qualifier()
    {
        var wire = await Wire.OpenAsync(Wire.Board("pybv11"));
        Assert.Null(await DescriptorAsync(wire, 6, 0, 10));
    }

    [Fact]
    public async Task A_host_can_enumerate_it()
    {
        var board = Wire.Board("nucleo-f767zi");
        var info = await UsbDescriptorReader.DescribeAsync(
            await board.AttachAsync(TestContext.Current.CancellationToken), board.Location, TestContext.Current.CancellationToken);
        Assert.Equal((0x0483, 0xDF11, 0x2200, UsbSpeed.Full), (info.VendorId, info.ProductId, info.DeviceRelease, info.Speed));
        Assert.Equal(new UsbInterfaceInfo(0xFE, 1, 2), Assert.Single(info.Interfaces));
        Assert.Equal("STM32  BOOTLOADER", info.Product);
        Assert.Equal(board.SerialNumber, info.SerialNumber);
    }

    [Fact]
    public async Task The_layout_strings_say_what_the_chip_has()
    {
        foreach (var (name, options) in new[] { ("pybv11", ""), ("nucleo-h743zi", ""), ("nucleo-f767zi", "single"), ("nucleo-f767zi", "dual") })
        {
            var board = Wire.Board(name, 0, options.Length == 0 ? [] : [("bank", options)]);
            var wire = await Wire.OpenAsync(board);
            var bytes = (await wire.SendAsync(0x80, 6, 0x0304, 0x0409, 255)).Data.ToArray();
            var map = Encoding.Unicode.GetString(bytes, 2, bytes.Length - 2).Split('/')[2];
            var sizes = map.Split(',').SelectMany(x => Enumerable.Repeat(int.Parse(x.Split('*')[1][..3]) * 1024, int.Parse(x.Split('*')[0])));
            Assert.Equal(sizes, board.Chip.Sectors.Select(x => x.Size));
            Assert.Equal(board.Chip.FlashSize, board.Chip.Sectors.Sum(x => x.Size));
            Assert.Equal(0x0800_0000u, board.Chip.Sectors[0].Address);
        }
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => string.Join(' ', bytes.ToArray().Select(x => x.ToString("X2")));

    private static async Task<string?> DescriptorAsync(Wire wire, byte type, byte index, ushort length)
    {
        var response = await wire.SendAsync(0x80, 6, (ushort)((type << 8) | index), 0x0409, length);
        return response.Status == UsbControlStatus.Ack ? Hex(response.Data) : null;
    }
}
