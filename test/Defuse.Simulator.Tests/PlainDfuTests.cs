using System.Text;
using Defuse.Transports;

namespace Defuse.Simulator.Tests;

/// <summary>Devices without ST's extensions behave as USB DFU 1.1 has it.</summary>
public sealed class PlainDfuTests
{
    private const byte ManifestWaitReset = 8;

    private static readonly byte[] Program = [.. Enumerable.Range(0, 1500).Select(x => (byte)(x * 7 % 251))];

    [Fact]
    public async Task The_Maple_lists_what_dfu_util_lists_of_it()
    {
        var wire = await Wire.OpenAsync(Wire.Board("maple"));

        var device = (await wire.SendAsync(0x80, 6, 0x0100, 0, 18)).Data.ToArray();
        var configuration = (await wire.SendAsync(0x80, 6, 0x0200, 0, 255)).Data.ToArray();

        Assert.Equal([0xAF, 0x1E, 0x03, 0x00, 0x01, 0x02], device[8..14]);
        Assert.Equal(9 + (3 * 9) + 9, configuration.Length);
        Assert.Equal([9, 0x21, 0x03, 0xFF, 0x00, 0x00, 0x04, 0x10, 0x01], configuration[^9..]);
        Assert.Equal("LLM 003", await StringAsync(wire, 3));
        Assert.Equal("STM32duino bootloader v1.0  ERROR. Upload to RAM not supported.", await StringAsync(wire, 4));
        Assert.Equal("STM32duino bootloader v1.0  Upload to Flash 0x8005000", await StringAsync(wire, 5));
        Assert.Equal("STM32duino bootloader v1.0  Upload to Flash 0x8002000", await StringAsync(wire, 6));
    }

    [Theory]
    [InlineData(1, 0x08005000u)]
    [InlineData(2, 0x08002000u)]
    public async Task An_alternate_setting_puts_an_image_where_its_name_says(byte alternate, uint address)
    {
        using var board = Wire.Board("maple");
        board.Chip.WriteFlash(0x08000000, Enumerable.Repeat((byte)0x55, board.Chip.FlashSize).ToArray());
        var wire = await Wire.OpenAsync(board);
        await wire.SendAsync(0x01, 11, alternate, 0, 0);

        await SendAsync(wire, 1024);

        var found = new byte[board.Chip.FlashSize];
        board.Chip.ReadFlash(0x08000000, found);
        var offset = (int)(address - 0x08000000);
        Assert.Equal(Program, found.AsSpan(offset, Program.Length).ToArray());
        Assert.All(found[..offset], x => Assert.Equal(0x55, x));
        Assert.All(found[(offset + Program.Length)..(offset + 2048)], x => Assert.Equal(0xFF, x));
        Assert.All(found[(offset + 2048)..], x => Assert.Equal(0x55, x));
    }

    [Fact]
    public async Task The_alternate_setting_for_RAM_refuses()
    {
        var wire = await Wire.OpenAsync(Wire.Board("maple"));

        Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(0, Program[..16])).Status);
        Assert.Equal(Wire.Error, await wire.StateAsync());
        Assert.Equal(UsbControlStatus.Ack, await wire.ClrStatusAsync());
        Assert.Equal(Wire.Idle, await wire.StateAsync());
    }

    [Fact]
    public async Task Asked_before_its_time_is_over_it_goes_to_dfuERROR()
    {
        var wire = await Wire.OpenAsync(Wire.Board("dfu11-tolerant"));

        await wire.DnloadAsync(0, Program[..512]);
        var (_, poll, state) = await wire.StatusAsync();
        var early = await wire.SendAsync(0xA1, 3, 0, 0, 6);

        Assert.Equal(Wire.DnBusy, state);
        Assert.InRange(poll, 30, 60);
        Assert.Equal(UsbControlStatus.Stall, early.Status);
        Assert.Equal(Wire.Error, await wire.StateAsync());
    }

    [Fact]
    public async Task A_block_out_of_order_or_too_long_is_refused()
    {
        var wire = await Wire.OpenAsync(Wire.Board("dfu11-tolerant"));

        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(0, Program[..512]));
        Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(2, Program[..512])).Status);
        await wire.ClrStatusAsync();
        Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(0, Program[..513])).Status);
        await wire.ClrStatusAsync();
        Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(0)).Status);
        Assert.Equal(9, (await wire.StatusAsync()).Status);
    }

    [Fact]
    public async Task A_tolerant_device_answers_on_and_gives_the_image_back()
    {
        var wire = await Wire.OpenAsync(Wire.Board("dfu11-tolerant"));

        await SendAsync(wire, 512);
        var read = new List<byte>();
        for (ushort block = 0; read.Count < Program.Length; block++)
        {
            read.AddRange((await wire.UploadAsync(block, 512)).Data.ToArray());
        }

        Assert.Equal(Program, read[..Program.Length]);
        Assert.Equal(UsbControlStatus.Ack, await wire.AbortAsync());
        Assert.Equal(Wire.Idle, await wire.StateAsync());
    }

    [Fact]
    public async Task The_Maple_waits_for_a_reset_and_then_runs_its_program()
    {
        using var board = Wire.Board("maple");
        var wire = await Wire.OpenAsync(board);
        await wire.SendAsync(0x01, 11, 1, 0, 0);

        await SendAsync(wire, 1024);

        Assert.Equal(ManifestWaitReset, await wire.StateAsync());
        Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(0, Program[..16])).Status);
        Assert.Null(board.RunningFrom);
        await wire.OutAsync(0x00, 9, 1);
        Assert.False(wire.Peripheral.IsConnected);
        Assert.Equal(0x08005000u, board.RunningFrom);
    }

    [Fact]
    public async Task A_program_detaches_into_DFU_mode_and_comes_back_with_the_image()
    {
        using var board = Wire.Board("dfu11-detach");
        board.Chip.WriteFlash(0x08002000, [1, 2, 3, 4]);
        var wire = await Wire.OpenAsync(board);
        Assert.Equal(0x0003, await ProductIdAsync(wire));
        Assert.Equal(1, (await wire.SendAsync(0x80, 6, 0x0200, 0, 255)).Data.Span[16]);
        Assert.Equal(0, await wire.StateAsync());

        using (board.Clock.Hold())
        {
            Assert.Equal(UsbControlStatus.Ack, (await wire.OutAsync(0x21, 0, 255)).Status);
            Assert.False(wire.Peripheral.IsConnected);
            Assert.Null(board.Peripheral);
        }

        wire = await Wire.OpenAsync(board);
        Assert.Equal(0x0002, await ProductIdAsync(wire));
        Assert.Equal(2, (await wire.SendAsync(0x80, 6, 0x0200, 0, 255)).Data.Span[16]);

        await SendAsync(wire, 256);

        Assert.False(wire.Peripheral.IsConnected);
        Assert.Equal(0x0003, await ProductIdAsync(await Wire.OpenAsync(board)));
    }

    // As dfu-util does it: block numbers from 0, no bytes at the end, and the status until nothing more comes.
    private static async Task SendAsync(Wire wire, int blockSize)
    {
        ushort block = 0;
        foreach (var part in Program.Chunk(blockSize))
        {
            Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(block++, part));
        }

        Assert.Equal(UsbControlStatus.Ack, (await wire.DnloadAsync(block)).Status);
        var (status, poll, state) = await wire.StatusAsync();
        Assert.Equal(0, status);
        if (state == ManifestWaitReset)
        {
            return;
        }

        Assert.Equal(Wire.Manifest, state);
        await Task.Delay(TimeSpan.FromMilliseconds(poll + 1), wire.Peripheral.Time);
        if (wire.Peripheral.IsConnected && (await wire.SendAsync(0xA1, 3, 0, 0, 6)) is { Status: UsbControlStatus.Ack } answer)
        {
            Assert.Equal(Wire.Idle, answer.Data.Span[4]);
        }
    }

    private static async Task<string> StringAsync(Wire wire, byte index) =>
        Encoding.Unicode.GetString((await wire.SendAsync(0x80, 6, (ushort)(0x0300 | index), 0x0409, 255)).Data.Span[2..]);

    private static async Task<int> ProductIdAsync(Wire wire)
    {
        var device = (await wire.SendAsync(0x80, 6, 0x0100, 0, 18)).Data.ToArray();
        return device[10] | (device[11] << 8);
    }
}
