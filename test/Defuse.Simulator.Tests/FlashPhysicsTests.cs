namespace Defuse.Simulator.Tests;

public sealed class FlashPhysicsTests
{
    private const byte ErrVendor = 11;

    [Theory]
    [InlineData("pybv11")]
    [InlineData("nucleo-f767zi")]
    public async Task Writing_over_what_is_not_erased_pulls_bits_down_and_says_nothing(string name)
    {
        var board = Wire.Board(name);
        var wire = await Wire.OpenAsync(board);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 0b1100_1100, 0xFF, 0x00, 0x0F));
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 0b1010_1010, 0x5A, 0xFF, 0xF0));
        Assert.Equal([0b1000_1000, 0x5A, 0x00, 0x00], Flash(board, 0x0800_0000, 4));
    }

    [Fact]
    public async Task On_an_H7_a_flash_word_is_programmed_once()
    {
        var board = Wire.Board("nucleo-h743zi");
        var wire = await Wire.OpenAsync(board);
        var word = Enumerable.Range(1, 32).Select(x => (byte)x).ToArray();
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, word));
        await wire.DnloadAsync(2, word);
        Assert.Equal((0, 104, Wire.DnBusy), await wire.StatusAsync());
        await Task.Delay(TimeSpan.FromMilliseconds(104), board.Clock);
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.StatusAsync());
        Assert.Equal(word, Flash(board, 0x0800_0000, 32));
        await wire.ClrStatusAsync();

        // All zeros go over anything.
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, new byte[32]));
        Assert.Equal(new byte[32], Flash(board, 0x0800_0000, 32));
    }

    [Fact]
    public async Task On_an_H7_even_padding_counts_as_programmed_until_it_is_erased()
    {
        var board = Wire.Board("nucleo-h743zi");
        var wire = await Wire.OpenAsync(board);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 7));
        await wire.SetAddressAsync(0x0800_0010);
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.DoAsync(2, 8));
        Assert.Equal([7, .. Enumerable.Repeat((byte)0xFF, 31)], Flash(board, 0x0800_0000, 32));
        await wire.ClrStatusAsync();
        await wire.EraseAsync(0x0801_FFFF);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 8));
        Assert.Equal(8, Flash(board, 0x0800_0010, 1)[0]);
    }

    [Fact]
    public async Task What_a_test_puts_there_is_programmed_too()
    {
        var board = Wire.Board("nucleo-h743zi");
        board.Chip.WriteFlash(0x0800_0045, [1]);
        var wire = await Wire.OpenAsync(board);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, [.. Enumerable.Repeat((byte)2, 64)]));
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.DoAsync(2, [.. Enumerable.Repeat((byte)0, 64), 2]));
    }

    [Theory]
    [InlineData("pybv11", "single", 0x0800_C123u, 0x0800_C000u, 0x4000)]
    [InlineData("pybv11", "single", 0x080E_0000u, 0x080E_0000u, 0x20000)]
    [InlineData("nucleo-f767zi", "single", 0x0800_8000u, 0x0800_8000u, 0x8000)]
    [InlineData("nucleo-f767zi", "single", 0x081F_FFFFu, 0x081C_0000u, 0x40000)]
    [InlineData("nucleo-f767zi", "dual", 0x0800_4001u, 0x0800_4000u, 0x4000)]
    [InlineData("nucleo-f767zi", "dual", 0x0811_0000u, 0x0811_0000u, 0x10000)]
    [InlineData("nucleo-h743zi", "single", 0x0811_0000u, 0x0810_0000u, 0x20000)]
    public async Task Erasing_takes_the_sector_that_holds_the_address_and_no_other(string name, string bank, uint address, uint start, int size)
    {
        // Revision V of an H743 is tested where its bugs are.
        var board = Wire.Board(name, 0, name switch { "nucleo-f767zi" => [("bank", bank)], "nucleo-h743zi" => [("rev", "y")], _ => [] });
        board.Chip.WriteFlash(0x0800_0000, new byte[board.Chip.FlashSize]);
        var wire = await Wire.OpenAsync(board);
        await wire.EraseAsync(address);
        var flash = Flash(board, 0x0800_0000, board.Chip.FlashSize);
        var offset = (int)(start - 0x0800_0000);
        Assert.False(flash.AsSpan(0, offset).ContainsAnyExcept((byte)0));
        Assert.False(flash.AsSpan(offset, size).ContainsAnyExcept((byte)0xFF));
        Assert.False(flash.AsSpan(offset + size).ContainsAnyExcept((byte)0));
        Assert.Equal(1, board.Chip.EraseCount(start));
        Assert.Equal(1, board.Chip.Sectors.Sum(x => board.Chip.EraseCount(x.Address)));
    }

    [Theory]
    [InlineData("pybv11", 8)]
    [InlineData("nucleo-f767zi", 16)]
    [InlineData("nucleo-h743zi", 10)]
    public async Task Mass_erase_takes_everything_and_its_time(string name, int seconds)
    {
        var board = Wire.Board(name);
        board.Chip.WriteFlash(0x0800_0000, new byte[board.Chip.FlashSize]);
        var wire = await Wire.OpenAsync(board);
        var started = board.Clock.Elapsed;
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(0, 0x41));
        Assert.False(Flash(board, 0x0800_0000, board.Chip.FlashSize).AsSpan().ContainsAnyExcept((byte)0xFF));
        Assert.InRange((board.Clock.Elapsed - started).TotalSeconds, seconds, seconds + 0.2);
        Assert.Equal(1, board.Chip.MassErases);
    }

    [Fact]
    public async Task OTP_is_written_for_good_until_its_block_is_locked()
    {
        var board = Wire.Board("pybv11");
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(0x1FFF_7820);
        await wire.DoAsync(2, 0x0F);
        await wire.DoAsync(2, 0x3C);
        Assert.Equal(0x0C, board.Chip.ReadOtp()[0x20]);
        await wire.SetAddressAsync(0x1FFF_7A01);
        await wire.DoAsync(2, 0x00);
        await wire.SetAddressAsync(0x1FFF_7820);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 0x00, 0x00));
        Assert.Equal([0x0C, 0xFF], board.Chip.ReadOtp()[0x20..0x22]);
        await wire.DoAsync(0, 0x41);
        Assert.Equal(0x0C, board.Chip.ReadOtp()[0x20]);
    }

    [Theory]
    [InlineData("pybv11", 2048, 8.192)]
    [InlineData("nucleo-f767zi", 2048, 8.192)]
    [InlineData("nucleo-h743zi", 1024, 3.2)]
    public async Task Programming_takes_its_time(string name, int size, double milliseconds)
    {
        var board = Wire.Board(name);
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(2, new byte[size]);
        var started = board.Clock.Elapsed;
        (byte Status, int Poll, byte State) status;
        do
        {
            status = await wire.StatusAsync();
        }
        while (status.State == Wire.DnBusy);

        Assert.Equal((0, 0, Wire.DnloadIdle), status);
        Assert.InRange((board.Clock.Elapsed - started).TotalMilliseconds, milliseconds, milliseconds + 2);
    }

    private static byte[] Flash(SimulatedBoard board, uint address, int count)
    {
        var bytes = new byte[count];
        board.Chip.ReadFlash(address, bytes);
        return bytes;
    }
}
