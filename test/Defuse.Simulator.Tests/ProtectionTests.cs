using Defuse.Transports;

namespace Defuse.Simulator.Tests;

public sealed class ProtectionTests
{
    private const byte ErrVendor = 11;

    [Theory]
    [InlineData("pybv11")]
    [InlineData("nucleo-f767zi")]
    [InlineData("nucleo-h743zi")]
    public async Task Level_1_closes_reading_writing_and_erasing(string name)
    {
        var board = Wire.Board(name, 0, ("rdp", "1"));
        board.Chip.WriteFlash(0x0800_0000, [1, 2, 3, 4]);
        var wire = await Wire.OpenAsync(board);
        Assert.Equal(UsbControlStatus.Stall, (await wire.UploadAsync(2, 64)).Status);
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.StatusAsync());
        foreach (var (block, data) in new (ushort, byte[])[] { (2, [0]), (0, [0x41]), (0, Wire.Address(0x41, 0x0800_0000)) })
        {
            await wire.ClrStatusAsync();
            await wire.DnloadAsync(block, data);
            Assert.Equal((ErrVendor, 0, Wire.Error), await wire.StatusAsync());
        }

        await wire.ClrStatusAsync();
        await wire.SetAddressAsync(0x0800_0000);
        await wire.AbortAsync();
        Assert.Equal(4, (await wire.UploadAsync(0, 4)).Data.Length);
        var flash = new byte[4];
        board.Chip.ReadFlash(0x0800_0000, flash);
        Assert.Equal([1, 2, 3, 4], flash);
    }

    [Theory]
    [InlineData("pybv11", 8)]
    [InlineData("nucleo-f767zi", 16)]
    [InlineData("nucleo-h743zi", 10)]
    public async Task Read_unprotect_erases_all_and_comes_back_as_a_new_peripheral(string name, int seconds)
    {
        var board = Wire.Board(name, 0, ("rdp", "1"), ("wrp", "2"));
        board.Chip.WriteFlash(0x0800_0000, new byte[board.Chip.FlashSize]);
        var wire = await Wire.OpenAsync(board);
        var started = board.Clock.Elapsed;
        await wire.DnloadAsync(0, 0x92);
        Assert.Equal((0, 100, Wire.DnBusy), await wire.StatusAsync());
        Assert.False(wire.Peripheral.IsConnected);
        Assert.Equal(UsbControlStatus.Disconnected, (await wire.SendAsync(0xA1, 3, 0, 0, 6)).Status);

        var again = await Wire.OpenAsync(board);
        Assert.NotSame(wire.Peripheral, again.Peripheral);
        Assert.True((board.Clock.Elapsed - started).TotalSeconds > seconds);
        Assert.Null(board.RunningFrom);
        Assert.Equal(0, board.Chip.ReadProtectionLevel);
        Assert.True(board.Chip.IsWriteProtected(2));
        var flash = new byte[board.Chip.FlashSize];
        board.Chip.ReadFlash(0x0800_0000, flash);
        Assert.False(flash.AsSpan().ContainsAnyExcept((byte)0xFF));
        Assert.Equal(UsbControlStatus.Ack, (await again.UploadAsync(2, 64)).Status);
    }

    [Theory]
    [InlineData("pybv11", null, "4,5", new[] { 4, 5 })]
    [InlineData("nucleo-f767zi", "single", "0,11", new[] { 0, 11 })]
    [InlineData("nucleo-f767zi", "dual", "3,12", new[] { 2, 3, 12, 13 })] // one bit protects two
    [InlineData("nucleo-h743zi", null, "0,9", new[] { 0, 9 })]
    public async Task Write_protected_sectors_stay_as_they_are_and_nobody_is_told(string name, string? bank, string option, int[] expected)
    {
        List<(string, string)> options = [("wrp", option)];
        if (bank is not null)
        {
            options.Add(("bank", bank));
        }
        else if (name == "nucleo-h743zi")
        {
            // Revision V is tested where its bugs are.
            options.Add(("rev", "y"));
        }

        var board = Wire.Board(name, 0, [.. options]);
        Assert.Equal(expected, board.Chip.Sectors.Select(x => x.Index).Where(board.Chip.IsWriteProtected));
        board.Chip.WriteFlash(0x0800_0000, new byte[board.Chip.FlashSize]);
        var wire = await Wire.OpenAsync(board);
        foreach (var sector in board.Chip.Sectors)
        {
            await wire.EraseAsync(sector.Address);
            await wire.SetAddressAsync(sector.Address);
            Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 0x5A));
            var found = new byte[1];
            board.Chip.ReadFlash(sector.Address, found);
            Assert.Equal(expected.Contains(sector.Index) ? 0 : 0x5A, found[0]);
        }

        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(0, 0x41));
        Assert.Equal(0, board.Chip.MassErases);
    }

    [Fact]
    public async Task Writing_option_bytes_resets_the_chip_into_two_banks()
    {
        var board = Wire.Board("nucleo-f767zi");
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(0x1FFF_0000);
        await wire.AbortAsync();
        var bytes = (await wire.UploadAsync(2, 48)).Data.ToArray();
        Assert.Equal(board.Chip.ReadOptionBytes(), bytes);
        Assert.Equal(0x20, bytes[9] & 0x20);
        bytes[9] &= 0xDF;
        await wire.AbortAsync();
        await wire.DnloadAsync(2, bytes);
        Assert.Equal(Wire.DnBusy, (await wire.StatusAsync()).State);
        Assert.False(wire.Peripheral.IsConnected);

        var again = await Wire.OpenAsync(board);
        Assert.Equal(24, board.Chip.Sectors.Length);
        Assert.Contains("07*128Kg,04*016Kg", UsbString.Decode((await again.SendAsync(0x80, 6, 0x0304, 0x0409, 255)).Data.Span), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Option_bytes_of_an_F4_protect_sectors_and_the_chip()
    {
        var board = Wire.Board("pybv11");
        var wire = await Wire.OpenAsync(board);
        var bytes = board.Chip.ReadOptionBytes();
        bytes[8] = 0b1111_1101;
        bytes[1] = 0x55;
        await wire.SetAddressAsync(0x1FFF_C000);
        await wire.DnloadAsync(2, bytes);
        await wire.StatusAsync();
        await board.AttachAsync(TestContext.Current.CancellationToken);
        Assert.Equal(1, board.Chip.ReadProtectionLevel);
        Assert.True(board.Chip.IsWriteProtected(1));
        Assert.False(board.Chip.IsWriteProtected(0));
    }

    [Fact]
    public async Task On_an_H7_only_the_registers_for_programming_take_a_new_value()
    {
        var board = Wire.Board("nucleo-h743zi");
        var wire = await Wire.OpenAsync(board);
        var bytes = board.Chip.ReadOptionBytes()[..128];
        bytes[0x1C] = 0; // FLASH_WPSN_CUR
        bytes[0x20] = 0b1111_1011; // FLASH_WPSN_PRG
        await wire.SetAddressAsync(0x5200_201C);
        await wire.DnloadAsync(2, bytes);
        await wire.StatusAsync();
        await board.AttachAsync(TestContext.Current.CancellationToken);
        Assert.Equal([2], board.Chip.Sectors.Select(x => x.Index).Where(board.Chip.IsWriteProtected));
        Assert.Equal((0b1111_1011, 0b1111_1011), (board.Chip.ReadOptionBytes()[0x1C], board.Chip.ReadOptionBytes()[0x20]));
    }

    [Fact]
    public async Task Level_2_closes_the_bootloader_for_good()
    {
        var board = Wire.Board("pybv11");
        var wire = await Wire.OpenAsync(board);
        var bytes = board.Chip.ReadOptionBytes();
        bytes[1] = 0xCC;
        await wire.SetAddressAsync(0x1FFF_C000);
        await wire.DnloadAsync(2, bytes);
        await wire.StatusAsync();
        var e = await Assert.ThrowsAsync<TransportException>(async () => await board.AttachAsync(TestContext.Current.CancellationToken));
        Assert.Equal(TransportFailure.CannotOpen, e.Failure);
        Assert.Null(board.Peripheral);
    }
}
