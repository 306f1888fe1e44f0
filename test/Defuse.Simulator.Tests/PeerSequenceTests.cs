using Defuse.Transports;

namespace Defuse.Simulator.Tests;

/// <summary>What the two families of hosts send, from the capture notes, on raw setup packets.</summary>
public sealed class PeerSequenceTests
{
    private const uint Start = 0x0800_0000;

    [Theory]
    [InlineData("pybv11", 2048, null)]
    [InlineData("nucleo-f767zi", 2048, null)]
    [InlineData("nucleo-f767zi", 2048, "dual")]
    [InlineData("nucleo-h743zi", 1024, null)]
    public async Task Address_once_and_block_numbers_counting_up(string name, int size, string? bank)
    {
        var board = Board(name, bank);
        var wire = await Wire.OpenAsync(board);
        var image = Image(200_037);
        await EraseAsync(wire, board, image.Length);
        await wire.SetAddressAsync(Start);
        var before = board.Transfers;
        await InBlocksAsync(image, size, async (block, data) => Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(block, data)));
        var blocks = (image.Length + size - 1) / size;
        Assert.Equal(3 * blocks, board.Transfers - before);
        AssertFlash(board, image);

        // Betaflight's way out of dfuDNLOAD-IDLE is CLRSTATUS; reading counts blocks too, the last one short.
        await wire.SetAddressAsync(Start);
        Assert.Equal(UsbControlStatus.Ack, await wire.ClrStatusAsync());
        Assert.Equal(Wire.Idle, await wire.StateAsync());
        var read = new List<byte>();
        await InBlocksAsync(image, size, async (block, data) => read.AddRange((await wire.UploadAsync(block, data.Length)).Data.ToArray()));
        Assert.Equal(image, read);
        Assert.Equal(Wire.UploadIdle, await wire.StateAsync());

        await wire.AbortAsync();
        await wire.SetAddressAsync(Start);
        Assert.Equal(UsbControlStatus.Ack, (await wire.DnloadAsync(0)).Status);
        Assert.Equal((0, 0, Wire.Manifest), await wire.StatusAsync());
        Assert.Equal(Start, board.RunningFrom);
        Assert.Null(board.Peripheral);
        Assert.Equal(UsbControlStatus.Disconnected, (await wire.SendAsync(0xA1, 3, 0, 0, 6)).Status);
    }

    [Theory]
    [InlineData("pybv11", 2048, null)]
    [InlineData("nucleo-f767zi", 2048, null)]
    [InlineData("nucleo-f767zi", 2048, "dual")]
    [InlineData("nucleo-h743zi", 1024, null)]
    public async Task Address_before_every_block_and_always_block_2(string name, int size, string? bank)
    {
        var board = Board(name, bank);
        var wire = await Wire.OpenAsync(board);
        var image = Image(200_037);
        await EraseAsync(wire, board, image.Length);
        for (var offset = 0; offset < image.Length; offset += size)
        {
            await wire.SetAddressAsync(Start + (uint)offset);
            var data = image[offset..Math.Min(image.Length, offset + size)];
            Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, data));
        }

        AssertFlash(board, image);
        await wire.AbortAsync();
        await wire.SetAddressAsync(Start);
        Assert.Equal(UsbControlStatus.Ack, await wire.AbortAsync());
        var read = new List<byte>();
        await InBlocksAsync(image, size, async (block, data) => read.AddRange((await wire.UploadAsync(block, data.Length)).Data.ToArray()));
        Assert.Equal(image, read);

        await wire.AbortAsync();
        await wire.SetAddressAsync(Start);
        Assert.Equal(UsbControlStatus.Ack, (await wire.DnloadAsync(2)).Status);
        Assert.Equal((0, 0, Wire.Manifest), await wire.StatusAsync());
        Assert.Equal(Start, board.RunningFrom);
    }

    [Fact]
    public async Task An_upload_without_the_abort_in_between_fails()
    {
        var wire = await Wire.OpenAsync(Wire.Board("nucleo-f767zi"));
        await wire.SetAddressAsync(Start);
        Assert.Equal(UsbControlStatus.Stall, (await wire.UploadAsync(2, 2048)).Status);
        Assert.Equal(Wire.Error, await wire.StateAsync());
    }

    [Theory]
    [InlineData("pybv11", 2048, false)]
    [InlineData("nucleo-f767zi", 2048, false)]
    [InlineData("nucleo-h743zi", 1024, true)]
    public async Task A_host_that_forgets_to_erase_does_not_get_its_image(string name, int size, bool isTold)
    {
        var board = Wire.Board(name);
        var old = Image(10_000);
        board.Chip.WriteFlash(Start, old);
        var wire = await Wire.OpenAsync(board);
        var image = Image(10_000, 2);
        var result = await wire.DoAsync(2, image[..size]);
        Assert.Equal(isTold ? (11, 0, Wire.Error) : (0, 0, Wire.DnloadIdle), result);
        var found = new byte[size];
        board.Chip.ReadFlash(Start, found);
        Assert.NotEqual(image[..size], found);
        Assert.Equal(isTold ? old[..size] : [.. image[..size].Select((x, i) => (byte)(x & old[i]))], found);
    }

    [Theory]
    [InlineData("pybv11", 64)]
    [InlineData("nucleo-f767zi", 256)]
    public async Task Leaving_where_nothing_is_comes_back_to_the_bootloader(string name, int offset)
    {
        var board = Wire.Board(name);
        board.Chip.WriteFlash(Start, Image(256));
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(Start + (uint)(offset * 1024));
        await wire.DnloadAsync(2);
        Assert.Equal(Wire.Manifest, (await wire.StatusAsync()).State);
        Assert.Null(board.RunningFrom);
        Assert.False(wire.Peripheral.IsConnected);
        Assert.NotSame(wire.Peripheral, await board.AttachAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Leaving_with_no_address_ever_set_runs_what_flash_memory_begins_with()
    {
        var board = Wire.Board("pybv11");
        board.Chip.WriteFlash(Start, Image(256));
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0);
        await wire.StatusAsync();
        Assert.Equal(Start, board.RunningFrom);
        var again = await Wire.OpenAsync(board);
        Assert.Null(board.RunningFrom);
        Assert.Equal((0, 0, Wire.Idle), await again.StatusAsync());
    }

    // With BOOT0 high, an H743 of revision V does not get out of its bootloader.
    private static SimulatedBoard Board(string name, string? bank) =>
        Wire.Board(name, 0, name == "nucleo-h743zi" ? [("boot0", "low")] : bank is null ? [] : [("bank", bank)]);

    private static byte[] Image(int length, int seed = 1)
    {
        var image = new byte[length];
        new Random(seed).NextBytes(image);
        return image;
    }

    private static async Task EraseAsync(Wire wire, SimulatedBoard board, int length)
    {
        // A board that is used already.
        board.Chip.WriteFlash(Start, new byte[board.Chip.FlashSize]);
        foreach (var sector in board.Chip.Sectors.Where(x => x.Address < Start + length))
        {
            await wire.EraseAsync(sector.Address);
        }
    }

    private static async Task InBlocksAsync(byte[] image, int size, Func<ushort, byte[], Task> each)
    {
        for (var block = 0; block * size < image.Length; block++)
        {
            await each((ushort)(block + 2), image[(block * size)..Math.Min(image.Length, (block + 1) * size)]);
        }
    }

    private static void AssertFlash(SimulatedBoard board, byte[] image)
    {
        var found = new byte[image.Length + 1];
        board.Chip.ReadFlash(Start, found);
        Assert.Equal(image, found[..^1]);
        Assert.Equal(0xFF, found[^1]);
    }
}
