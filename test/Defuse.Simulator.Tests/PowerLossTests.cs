using Defuse.Transports;

namespace Defuse.Simulator.Tests;

/// <summary>What is left in a chip whose power fails while it erases or programs.</summary>
public sealed class PowerLossTests
{
    private const byte ErrVendor = 11;

    public static TheoryData<string> Boards => ["nucleo-f767zi", "pybv11", "nucleo-h743zi", .. BoardFacts.Names.Select(x => x.Data)];

    [Theory]
    [MemberData(nameof(Boards))]
    public async Task An_erase_that_is_cut_off_leaves_the_sector_neither_old_nor_erased_and_no_other(string name)
    {
        var first = await AfterCutEraseAsync(name, 0.5);
        var (old, sector) = (first.Old, first.Sector);
        var found = Flash(first.Board, sector.Address, sector.Size);
        Assert.InRange(found.Count(x => x == first.Board.Chip.ErasedByte), sector.Size / 8, sector.Size * 7 / 8);
        Assert.InRange(found.Count(x => x == old), sector.Size / 8, sector.Size * 7 / 8);
        Assert.Contains(found, x => x != old && x != first.Board.Chip.ErasedByte);
        Assert.Equal(old, Flash(first.Board, sector.Address - 1, 1)[0]);
        Assert.Equal(old, Flash(first.Board, sector.Address + (uint)sector.Size, 1)[0]);

        // The same failure leaves the same.
        Assert.Equal(found, Flash((await AfterCutEraseAsync(name, 0.5)).Board, sector.Address, sector.Size));

        // Erased again it is as good as new.
        var wire = await Wire.OpenAsync(first.Board);
        await wire.EraseAsync(sector.Address);
        Assert.All(Flash(first.Board, sector.Address, sector.Size), x => Assert.Equal(first.Board.Chip.ErasedByte, x));
    }

    [Fact]
    public async Task The_longer_an_erase_went_on_the_more_is_erased()
    {
        var counts = new List<int>();
        foreach (var fraction in new[] { 0.1, 0.5, 0.9 })
        {
            var (board, sector, _) = await AfterCutEraseAsync("nucleo-f767zi", fraction);
            counts.Add(Flash(board, sector.Address, sector.Size).Count(x => x == 0xFF));
        }

        Assert.Equal(counts.Order(), counts);
        Assert.True(counts[0] * 4 < counts[2]);
    }

    [Fact]
    public async Task A_sector_that_was_cut_off_in_an_erase_cannot_be_programmed_where_units_have_an_error_code()
    {
        var (board, sector, _) = await AfterCutEraseAsync("nucleo-h743zi", 0.9);
        var wire = await Wire.OpenAsync(board);
        await wire.EraseAsync(sector.Address);

        // Erased it is; what an erase that was cut off leaves is not, even where it reads so.
        await wire.DnloadAsync(0, Wire.Address(0x41, sector.Address));
        await wire.StatusAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(900), board.Clock);
        board.Unplug();
        wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(sector.Address);
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.DoAsync(2, Enumerable.Repeat((byte)1, 32).ToArray()));
    }

    // A Daisy's block is programmed before the transfer that starts it is over.
    public static TheoryData<string> SlowWriters => [.. Boards.Select(x => x.Data).Where(x => x != "daisy")];

    [Theory]
    [MemberData(nameof(SlowWriters))]
    public async Task A_write_that_is_cut_off_leaves_what_was_programmed_and_one_unit_undefined(string name)
    {
        var (board, data, address) = await AfterCutWriteAsync(name);
        var erased = board.Chip.ErasedByte;
        var found = Flash(board, address, data.Length);
        var written = found.Zip(data).TakeWhile(x => x.First == x.Second).Count();
        var untouched = found.Reverse().TakeWhile(x => x == erased).Count();
        var undefined = data.Length - written - untouched;
        Assert.InRange(written, 1, data.Length - 1);
        Assert.InRange(undefined, 1, 64);
        Assert.Equal(found, Flash((await AfterCutWriteAsync(name)).Board, address, data.Length));
    }

    [Fact]
    public async Task The_unit_that_was_in_hand_cannot_be_programmed_again_where_units_have_an_error_code()
    {
        var (board, data, address) = await AfterCutWriteAsync("nucleo-h743zi");
        var written = Flash(board, address, data.Length).Zip(data).TakeWhile(x => x.First == x.Second).Count();
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(address + (uint)(written / 32 * 32));
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.DoAsync(2, Enumerable.Repeat((byte)1, 32).ToArray()));
        await wire.ClrStatusAsync();
        await wire.SetAddressAsync(address + (uint)((written / 32 * 32) + 32));
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, Enumerable.Repeat((byte)1, 32).ToArray()));
    }

    [Fact]
    public async Task Work_that_was_begun_ends_by_itself_when_nobody_asks()
    {
        var board = Wire.Board("pybv11");
        board.Chip.WriteFlash(0x0800_0000, new byte[64 * 1024]);
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, Wire.Address(0x41, 0x0800_0000));
        await wire.StatusAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(240), board.Clock);
        Assert.Equal((0, 0), (Flash(board, 0x0800_0000, 1)[0], board.Chip.EraseCount(0x0800_0000)));
        await Task.Delay(TimeSpan.FromMilliseconds(15), board.Clock);
        Assert.Equal((0xFF, 1), (Flash(board, 0x0800_0000, 1)[0], board.Chip.EraseCount(0x0800_0000)));

        // The plug does not matter any more.
        board.Unplug();
        Assert.All(Flash(board, 0x0800_0000, 16 * 1024), x => Assert.Equal(0xFF, x));
    }

    [Fact]
    public async Task A_mass_erase_that_is_cut_off_spoils_all()
    {
        var board = Wire.Board("nucleo-g431kb");
        board.Chip.WriteFlash(0x0800_0000, new byte[board.Chip.FlashSize]);
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, 0x41);
        await wire.StatusAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(10), board.Clock);
        board.Unplug();
        Assert.All(board.Chip.Sectors, x => Assert.InRange(Flash(board, x.Address, x.Size).Count(y => y == 0xFF), 1, x.Size - 1));
        Assert.Equal(0, board.Chip.MassErases);
    }

    [Fact]
    public async Task A_chip_whose_power_fails_while_it_is_unprotected_stays_protected()
    {
        var board = Wire.Board("pybv11", 0, ("rdp", "1"), ("time", "1"));
        board.Chip.WriteFlash(0x0800_0000, new byte[board.Chip.FlashSize]);
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, 0x92);
        await wire.StatusAsync();
        board.Unplug();
        Assert.Equal(1, board.Chip.ReadProtectionLevel);
        Assert.InRange(Flash(board, 0x0800_0000, board.Chip.FlashSize).Count(x => x == 0), 1, board.Chip.FlashSize - 1);
        wire = await Wire.OpenAsync(board);
        Assert.Equal(UsbControlStatus.Stall, (await wire.UploadAsync(2, 64)).Status);
    }

    [Fact]
    public async Task A_write_to_data_EEPROM_that_is_cut_off_leaves_a_word_undefined()
    {
        var board = Wire.Board("b-l072z-lrwan1");
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(0x0808_0000);
        await wire.DoAsync(2, Enumerable.Repeat((byte)1, 16).ToArray());
        await wire.DnloadAsync(2, Enumerable.Repeat((byte)2, 16).ToArray());
        await wire.StatusAsync();
        await Task.Delay(TimeSpan.FromMilliseconds(6), board.Clock);
        board.Unplug();
        Assert.Equal([2, 2, 2, 2, 2, 2, 2, 2, 0, 0, 0, 0, 1, 1, 1, 1], board.Chip.ReadDataEeprom()[..16]);
    }

    private static async Task<(SimulatedBoard Board, SimulatedSector Sector, byte Old)> AfterCutEraseAsync(string name, double fraction)
    {
        const byte Old = 0x5A;
        var board = Wire.Board(name);
        board.Chip.WriteFlash(board.Chip.FlashAddress, Enumerable.Repeat(Old, board.Chip.FlashSize).ToArray());
        var sector = board.Chip.Sectors[^10];
        var wire = await Wire.OpenAsync(board);
        await wire.DnloadAsync(0, Wire.Address(0x41, sector.Address));
        var started = board.Clock.Elapsed;
        await wire.StatusAsync();
        var work = board.Chip.EraseTimeAt(sector.Address);
        await Task.Delay(started + (work * fraction) - board.Clock.Elapsed is { Ticks: > 0 } left ? left : TimeSpan.Zero, board.Clock);
        board.Unplug();
        return (board, sector, Old);
    }

    private static async Task<(SimulatedBoard Board, byte[] Data, uint Address)> AfterCutWriteAsync(string name)
    {
        var board = Wire.Board(name);
        var address = board.Chip.Sectors[^10].Address;
        var wire = await Wire.OpenAsync(board);
        await wire.SetAddressAsync(address);
        var data = Enumerable.Range(0, 1024).Select(x => (byte)((x % 100) + 100)).ToArray();
        await wire.DnloadAsync(2, data);
        var started = board.Clock.Elapsed;
        await wire.StatusAsync();
        await Task.Delay(started + (board.Chip.ProgramTimeOf(data.Length) * 0.6) - board.Clock.Elapsed is { Ticks: > 0 } left ? left : TimeSpan.Zero, board.Clock);
        board.Unplug();
        return (board, data, address);
    }

    private static byte[] Flash(SimulatedBoard board, uint address, int count)
    {
        var bytes = new byte[count];
        board.Chip.ReadFlash(address, bytes);
        return bytes;
    }
}
