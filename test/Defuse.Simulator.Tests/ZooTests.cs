using System.Text;
using Defuse.Simulator.Roms;
using Defuse.Transports;

namespace Defuse.Simulator.Tests;

/// <summary>What every board says of itself, byte for byte, and what hosts do with it.</summary>
public sealed class ZooTests
{
    private const byte ErrVendor = 11, ErrUnknown = 14;

    public static TheoryData<string> Names => BoardFacts.Names;

    public static TheoryData<string> WithReadProtection => BoardFacts.WithReadProtection;

    public static TheoryData<string> WithWriteProtection => BoardFacts.WithWriteProtection;

    public static TheoryData<string> WithOptionBytes => BoardFacts.WithOptionBytes;

    [Fact]
    public void Every_board_is_in_these_tests_or_in_those_of_the_first_three()
    {
        var known = Names.Select(x => x.Data).Concat(["nucleo-f767zi", "nucleo-h743zi", "pybv11"]);
        Assert.Equal(known.Order(StringComparer.Ordinal), DfuSeBoards());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Descriptors_and_strings_are_byte_for_byte_what_is_known(string name)
    {
        var facts = BoardFacts.Of(name);
        var board = Wire.Board(name);
        var wire = await Wire.OpenAsync(board);
        Assert.Equal(facts.DeviceDescriptor, await DescriptorAsync(wire, 1, 0, 18));

        var length = 18 + (9 * facts.Alternates.Length);
        var configuration = $"09 02 {length:X2} 00 01 01 00 C0 32";
        for (var i = 0; i < facts.Alternates.Length; i++)
        {
            configuration += $" 09 04 00 {i:X2} 00 FE 01 02 {4 + i:X2}";
        }

        configuration += $" 09 21 0B FF 00 {facts.TransferSize & 0xFF:X2} {facts.TransferSize >> 8:X2} 1A 01";
        Assert.Equal(configuration, await DescriptorAsync(wire, 2, 0, 255));

        string[] strings = [facts.Manufacturer, facts.Product, board.SerialNumber, .. facts.Alternates];
        for (var i = 0; i < strings.Length; i++)
        {
            var text = (i == 2 && name.StartsWith("gd32", StringComparison.Ordinal) ? Encoding.UTF8 : Encoding.Unicode).GetBytes(strings[i]);
            Assert.Equal(Hex((byte[])[(byte)(text.Length + 2), 3, .. text]), await DescriptorAsync(wire, 3, (byte)(i + 1), 255));
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_serial_number_is_the_captured_one_or_made_of_the_identifier(string name)
    {
        var facts = BoardFacts.Of(name);
        var board = Wire.Board(name, 3);
        var id = board.Chip.UniqueId.Span;
        Assert.Equal(facts.Serial ?? (facts.IsApplicationSerial ? RomSerialNumber.OfApplication(id) : RomSerialNumber.Of(id, 0)), board.SerialNumber);
    }

    [Fact]
    public void An_application_adds_with_a_carry()
    {
        // The F412 of the captures: its ROM says 365A375A3537.
        byte[] id = [0x1F, 0x00, 0x23, 0x00, 0x09, 0x51, 0x37, 0x35, 0x31, 0x37, 0x37, 0x36];
        Assert.Equal("365A37503537", RomSerialNumber.OfApplication(id));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void The_chip_has_the_sectors_that_are_documented(string name)
    {
        var facts = BoardFacts.Of(name);
        var chip = Wire.Board(name).Chip;
        Assert.Equal(facts.Sectors.SelectMany(x => Enumerable.Repeat(x.Size, x.Count)), chip.Sectors.Select(x => x.Size));
        Assert.Equal((facts.FlashAddress, facts.ErasedByte), (chip.FlashAddress, chip.ErasedByte));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_functional_descriptor_alone_is_answered_refused_or_ignored(string name)
    {
        var facts = BoardFacts.Of(name);
        var board = Wire.Board(name);
        var wire = await Wire.OpenAsync(board);
        var started = board.Clock.Elapsed;
        var response = await wire.SendAsync(0x80, 6, 0x2100, 0, 9);
        Assert.Equal(
            facts.AnswersFunctional switch { true => UsbControlStatus.Ack, false => UsbControlStatus.Stall, null => UsbControlStatus.Disconnected },
            response.Status);
        Assert.Equal(facts.AnswersFunctional is null, board.Clock.Elapsed - started > TimeSpan.FromSeconds(35));

        // It is as it was.
        Assert.Equal((0, 0, Wire.Idle), await wire.StatusAsync());
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_transfer_is_as_long_as_wTransferSize_and_no_longer(string name)
    {
        var facts = BoardFacts.Of(name);
        var wire = await Wire.OpenAsync(Wire.Board(name));
        await wire.SetAddressAsync(facts.Program);
        await wire.AbortAsync();
        Assert.Equal(facts.TransferSize, (await wire.UploadAsync(2, facts.TransferSize)).Data.Length);
        Assert.Equal(UsbControlStatus.Stall, (await wire.UploadAsync(3, facts.TransferSize + 1)).Status);
        await wire.ClrStatusAsync();
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, new byte[facts.TransferSize]));
        Assert.Equal(UsbControlStatus.Stall, (await wire.DnloadAsync(3, new byte[facts.TransferSize + 1])).Status);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Dfu_util_flashes_it_with_an_address_before_every_block(string name)
    {
        var facts = BoardFacts.Of(name);
        var (board, wire, image) = await UsedAndErasedAsync(facts);
        for (var offset = 0; offset < image.Length; offset += facts.TransferSize)
        {
            await wire.SetAddressAsync(facts.Program + (uint)offset);
            Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, image[offset..Math.Min(image.Length, offset + facts.TransferSize)]));
        }

        AssertHolds(board, facts, image);
        await wire.AbortAsync();
        await wire.SetAddressAsync(facts.Program);
        await wire.AbortAsync();
        Assert.Equal(image, await UploadAsync(wire, image.Length, facts.TransferSize));
        await wire.AbortAsync();
        await wire.SetAddressAsync(facts.Program);
        await LeaveAsync(wire, board, facts, 2);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task Betaflight_and_pydfu_flash_it_with_block_numbers_that_count_up(string name)
    {
        var facts = BoardFacts.Of(name);
        var (board, wire, image) = await UsedAndErasedAsync(facts);
        await wire.SetAddressAsync(facts.Program);
        for (var block = 0; block * facts.TransferSize < image.Length; block++)
        {
            var data = image[(block * facts.TransferSize)..Math.Min(image.Length, (block + 1) * facts.TransferSize)];
            Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync((ushort)(block + 2), data));
        }

        AssertHolds(board, facts, image);
        await LeaveAsync(wire, board, facts, 0);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_was_erased_reads_the_erased_byte_and_its_neighbours_stay(string name)
    {
        var facts = BoardFacts.Of(name);
        var board = Wire.Board(name);
        board.Chip.WriteFlash(facts.FlashAddress, Enumerable.Repeat((byte)0x5A, board.Chip.FlashSize).ToArray());
        var wire = await Wire.OpenAsync(board);
        var sector = board.Chip.Sectors[^2];
        await wire.EraseAsync(sector.Address + (uint)sector.Size - 1);
        Assert.All(Flash(board, sector.Address, sector.Size), x => Assert.Equal(facts.ErasedByte, x));
        Assert.Equal(0x5A, Flash(board, sector.Address - 1, 1)[0]);
        Assert.Equal(0x5A, Flash(board, sector.Address + (uint)sector.Size, 1)[0]);
        Assert.Equal(1, board.Chip.Sectors.Sum(x => board.Chip.EraseCount(x.Address)));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_mass_erase_takes_all_that_is_not_the_bootloaders_own(string name)
    {
        var facts = BoardFacts.Of(name);
        var board = Wire.Board(name);
        board.Chip.WriteFlash(facts.FlashAddress, Enumerable.Repeat((byte)0x5A, board.Chip.FlashSize).ToArray());
        var wire = await Wire.OpenAsync(board);
        Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(0, 0x41));
        var own = name == "pybd-sf6" ? 32 * 1024 : 0;
        var flash = Flash(board, facts.FlashAddress, board.Chip.FlashSize);
        Assert.False(flash.AsSpan(own).ContainsAnyExcept(facts.ErasedByte));
        Assert.False(flash.AsSpan(0, own).ContainsAnyExcept((byte)0x5A));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task What_was_flashed_is_there_next_time(string name)
    {
        var facts = BoardFacts.Of(name);
        var path = Path.Combine(Path.GetTempPath(), "defuse-" + Guid.NewGuid().ToString("N"));
        try
        {
            SimulatedBoard Board() => SimulatedBoardCatalog.Create(
                name, 0, new Dictionary<string, string>(StringComparer.Ordinal), new(path), VirtualClockMode.Stepped);
            using (var board = Board())
            {
                var wire = await Wire.OpenAsync(board);
                await wire.SetAddressAsync(facts.Program);
                await wire.DoAsync(2, 1, 2, 3, 4, 5, 6, 7, 8);
            }

            using (var board = Board())
            {
                Assert.Equal([1, 2, 3, 4, 5, 6, 7, 8, facts.ErasedByte], Flash(board, facts.Program, 9));
                Assert.Equal(Wire.Board(name).Chip.ReadOptionBytes(), board.Chip.ReadOptionBytes());
            }
        }
        finally
        {
            Directory.Delete(path, recursive: true);
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_commands_are_listed_and_no_others_are_known(string name)
    {
        var facts = BoardFacts.Of(name);
        var wire = await Wire.OpenAsync(Wire.Board(name));
        byte[] expected = facts.KnowsUnprotect ? [0x00, 0x21, 0x41, 0x92] : [0x00, 0x21, 0x41];
        Assert.Equal(expected, (await wire.UploadAsync(0, 64)).Data.ToArray());
        Assert.Equal((ErrUnknown, 0, Wire.Error), await wire.DoAsync(0, 0x55));
        await wire.ClrStatusAsync();
        await wire.DnloadAsync(0, 0x92);
        Assert.Equal(facts.KnowsUnprotect ? Wire.DnBusy : Wire.Error, (await wire.StatusAsync()).State);
        Assert.Equal(!facts.KnowsUnprotect, wire.Peripheral.IsConnected);
    }

    [Theory]
    [MemberData(nameof(WithOptionBytes))]
    public async Task Option_bytes_are_read_at_their_address_in_their_size_with_RDP_where_it_belongs(string name)
    {
        var facts = BoardFacts.Of(name);
        var (address, size) = facts.OptionBytes!.Value;
        foreach (var level in facts.ReadProtection is null ? new[] { "" } : ["0", "1"])
        {
            var board = Wire.Board(name, 0, level.Length == 0 ? [] : [("rdp", level)]);
            var wire = await Wire.OpenAsync(board);
            await wire.SetAddressAsync(address);
            await wire.AbortAsync();
            if (facts.ReadProtection is { } rdp)
            {
                Assert.Equal(level == "0", board.Chip.ReadOptionBytes()[rdp.Offset] == rdp.Level0);
                if (level == "1" && name != "b-u585i-iot02a")
                {
                    Assert.Equal(UsbControlStatus.Stall, (await wire.UploadAsync(2, facts.TransferSize)).Status);
                    continue;
                }
            }

            var bytes = new List<byte>();
            for (ushort block = 2; bytes.Count < size; block++)
            {
                bytes.AddRange((await wire.UploadAsync(block, facts.TransferSize)).Data.ToArray());
            }

            Assert.Equal(board.Chip.ReadOptionBytes()[..size], bytes);
        }
    }

    /// <summary>Bits of the option bytes at the addresses that a bootloader has them at, before and after sector 5 is protected.</summary>
    [Theory]
    [InlineData("32f072bdiscovery", 0x1FFF_F808u, 0, 8, 0xFF, 0xFB)] // nWRP0
    [InlineData("32f072bdiscovery", 0x1FFF_F800u, 20, 1, 1, 1)] // nBOOT1
    [InlineData("b-l072z-lrwan1", 0x1FF8_0008u, 0, 16, 0, 1)] // WRPROT1
    [InlineData("b-l072z-lrwan1", 0x1FF8_0004u, 15, 1, 1, 1)] // nBOOT1
    [InlineData("b-u585i-iot02a", 0x4002_2058u, 0, 7, 0x7F, 5)] // WRP1A_PSTRT
    [InlineData("b-u585i-iot02a", 0x4002_2058u, 16, 7, 0, 5)] // WRP1A_PEND
    [InlineData("b-u585i-iot02a", 0x4002_2044u, 7, 25, 0x0800_0000 >> 7, 0x0800_0000 >> 7)] // NSBOOTADD0
    [InlineData("gd32vf103", 0x1FFF_F808u, 0, 8, 0xFF, 0xFD)] // WRP0
    [InlineData("nucleo-f767zi", 0x1FFF_0008u, 0, 12, 0xFFF, 0xFDF)] // nWRP
    [InlineData("nucleo-f767zi", 0x1FFF_0008u, 13, 1, 1, 1)] // nDBANK
    [InlineData("nucleo-f767zi", 0x1FFF_0010u, 0, 16, 0x80, 0x80)] // BOOT_ADD0
    [InlineData("nucleo-g0b1re", 0x1FFF_7818u, 0, 7, 0x7F, 5)] // WRP1A_STRT
    [InlineData("nucleo-g0b1re", 0x1FFF_7848u, 0, 7, 0x7F, 0x7F)] // WRP2A_STRT
    [InlineData("nucleo-g0b1re", 0x1FFF_7800u, 24, 1, 1, 1)] // nBOOT_SEL
    [InlineData("nucleo-g431kb", 0x1FFF_7818u, 16, 6, 0, 5)] // WRP1A_END
    [InlineData("nucleo-g431kb", 0x1FFF_7800u, 26, 2, 3, 3)] // nSWBOOT0, nBOOT0
    [InlineData("nucleo-h563zi", 0x4002_2050u, 8, 8, 0xED, 0xED)] // PRODUCT_STATE
    [InlineData("nucleo-h563zi", 0x4002_20E8u, 0, 32, -1, ~2)] // WRPSGn1
    [InlineData("nucleo-h563zi", 0x4002_21E8u, 0, 32, -1, -1)] // WRPSGn2
    [InlineData("nucleo-h743zi", 0x5200_2038u, 0, 8, 0xFF, 0xDF)] // nWRP0 of bank 1
    [InlineData("nucleo-h743zi", 0x5200_201Cu, 8, 8, 0xAA, 0xAA)] // RDP
    [InlineData("pybv11", 0x1FFF_C008u, 0, 12, 0xFFF, 0xFDF)] // WRP
    [InlineData("stm32l476g-disco", 0x1FFF_7818u, 0, 8, 0xFF, 5)] // WRP1A_STRT
    [InlineData("stm32l476g-disco", 0x1FFF_F818u, 0, 8, 0xFF, 0xFF)] // WRP2A_STRT
    [InlineData("stm32l476g-disco", 0x1FFF_7800u, 21, 1, 1, 1)] // DualBank
    public async Task Fields_of_option_bytes_are_where_the_documents_have_them(string name, uint address, int bit, int width, int factory, int whenProtected)
    {
        foreach (var (board, expected) in new[] { (Wire.Board(name), factory), (Wire.Board(name, 0, ("wrp", "5")), whenProtected) })
        {
            var wire = await Wire.OpenAsync(board);
            await wire.SetAddressAsync(address);
            await wire.AbortAsync();
            var word = BitConverter.ToUInt32((await wire.UploadAsync(2, 4)).Data.Span);
            Assert.Equal(unchecked((uint)expected), (word >> bit) & (uint)((1L << width) - 1));
        }
    }

    [Theory]
    [MemberData(nameof(WithReadProtection))]
    public async Task Unprotecting_erases_all_and_opens_the_chip(string name)
    {
        var facts = BoardFacts.Of(name);
        var board = Wire.Board(name, 0, ("rdp", "1"));
        board.Chip.WriteFlash(facts.FlashAddress, Enumerable.Repeat((byte)0x5A, board.Chip.FlashSize).ToArray());
        var wire = await Wire.OpenAsync(board);
        Assert.Equal(UsbControlStatus.Stall, (await wire.UploadAsync(2, 64)).Status);
        Assert.Equal((ErrVendor, 0, Wire.Error), await wire.StatusAsync());
        await wire.ClrStatusAsync();
        await wire.DnloadAsync(0, 0x92);
        Assert.Equal(Wire.DnBusy, (await wire.StatusAsync()).State);
        Assert.False(wire.Peripheral.IsConnected);
        wire = await Wire.OpenAsync(board);
        Assert.Equal(0, board.Chip.ReadProtectionLevel);
        Assert.Equal(facts.ReadProtection!.Value.Level0, board.Chip.ReadOptionBytes()[facts.ReadProtection.Value.Offset]);
        Assert.False(Flash(board, facts.FlashAddress, board.Chip.FlashSize).AsSpan().ContainsAnyExcept(facts.ErasedByte));
        Assert.Equal(UsbControlStatus.Ack, (await wire.UploadAsync(2, 64)).Status);
    }

    [Theory]
    [MemberData(nameof(WithWriteProtection))]
    public async Task Write_protected_sectors_confirm_and_ignore(string name)
    {
        var facts = BoardFacts.Of(name);
        var (option, expected) = facts.WriteProtected!.Value;
        var board = Wire.Board(name, 0, ("wrp", option));
        Assert.Equal(expected, board.Chip.Sectors.Select(x => x.Index).Where(board.Chip.IsWriteProtected));
        board.Chip.WriteFlash(facts.FlashAddress, Enumerable.Repeat((byte)0x5A, board.Chip.FlashSize).ToArray());
        var wire = await Wire.OpenAsync(board);
        foreach (var sector in new[] { expected[0], expected[^1] }.SelectMany(x => new[] { x - 1, x, x + 1 }).Where(x => x >= 0 && x < board.Chip.Sectors.Length))
        {
            var address = board.Chip.Sectors[sector].Address;
            await wire.EraseAsync(address);
            await wire.SetAddressAsync(address);
            Assert.Equal((0, 0, Wire.DnloadIdle), await wire.DoAsync(2, 1, 2, 3, 4, 5, 6, 7, 8));
            Assert.Equal(expected.Contains(sector) ? 0x5A : 1, Flash(board, address, 1)[0]);
        }

        board.Chip.SetWriteProtection([]);
        Assert.DoesNotContain(board.Chip.Sectors, x => board.Chip.IsWriteProtected(x.Index));
    }

    [Fact]
    public void More_ranges_than_there_are_registers_are_refused()
    {
        using var board = Wire.Board("stm32l476g-disco", 0, ("wrp", "1,3,5"));
        var e = Assert.Throws<SimulatedBoardException>(() => board.Chip);
        Assert.Contains("at most 2 ranges of pages a bank", e.Remedy, StringComparison.Ordinal);
        Assert.True(Wire.Board("stm32l476g-disco", 0, ("wrp", "1,3,257,259")).Chip.IsWriteProtected(259));
    }

    [Theory]
    [InlineData("32f072bdiscovery")]
    [InlineData("gd32f103")]
    [InlineData("b-l072z-lrwan1")]
    [InlineData("stm32l476g-disco")]
    [InlineData("nucleo-g431kb")]
    [InlineData("nucleo-g0b1re")]
    public void What_option_bytes_hold_twice_agrees(string name)
    {
        foreach (var board in new[] { Wire.Board(name), Wire.Board(name, 0, ("rdp", "1"), ("wrp", "5")) })
        {
            var bytes = board.Chip.ReadOptionBytes();
            var (unit, end) = name switch { "32f072bdiscovery" or "gd32f103" => (1, 16), "b-l072z-lrwan1" => (2, 20), _ => (4, bytes.Length) };
            for (var i = 0; i < end; i++)
            {
                Assert.Equal(0xFF, bytes[i] ^ bytes[i / (2 * unit) * 2 * unit + ((i + unit) % (2 * unit))]);
            }
        }
    }

    private static IEnumerable<string> DfuSeBoards() => SimulatedBoardCatalog.Boards.Where(x => x.Parts.Bootloader is RomModel).Select(x => x.Name);

    private static async Task<(SimulatedBoard Board, Wire Wire, byte[] Image)> UsedAndErasedAsync(BoardFacts facts)
    {
        var board = Wire.Board(facts.Name);
        var image = new byte[20_032];
        new Random(1).NextBytes(image);

        // The first word is a stack pointer, the second a reset vector.
        new byte[] { 0x00, 0x10, 0x00, 0x20, 0x01, 0x01, 0x00, 0x08 }.CopyTo(image, 0);
        board.Chip.WriteFlash(facts.FlashAddress, Enumerable.Repeat((byte)0x5A, board.Chip.FlashSize).ToArray());
        var wire = await Wire.OpenAsync(board);
        foreach (var sector in board.Chip.Sectors.Where(x => x.Address + (uint)x.Size > facts.Program && x.Address <= facts.Program + image.Length))
        {
            await wire.EraseAsync(sector.Address);
        }

        return (board, wire, image);
    }

    private static async Task<List<byte>> UploadAsync(Wire wire, int length, int size)
    {
        var read = new List<byte>();
        for (ushort block = 2; read.Count < length; block++)
        {
            read.AddRange((await wire.UploadAsync(block, Math.Min(size, length - read.Count))).Data.ToArray());
        }

        return read;
    }

    private static async Task LeaveAsync(Wire wire, SimulatedBoard board, BoardFacts facts, ushort block)
    {
        await wire.DnloadAsync(block);
        var response = await wire.SendAsync(0xA1, 3, 0, 0, 6);
        Assert.Equal(facts.LeavesSilently ? UsbControlStatus.Disconnected : UsbControlStatus.Ack, response.Status);
        Assert.Equal(facts.Program, board.RunningFrom);
        Assert.Null(board.Peripheral);
    }

    private static void AssertHolds(SimulatedBoard board, BoardFacts facts, byte[] image)
    {
        var found = Flash(board, facts.Program, image.Length + 1);
        Assert.Equal(image, found[..^1]);
        Assert.Equal(facts.ErasedByte, found[^1]);
    }

    private static byte[] Flash(SimulatedBoard board, uint address, int count)
    {
        var bytes = new byte[count];
        board.Chip.ReadFlash(address, bytes);
        return bytes;
    }

    private static string Hex(ReadOnlyMemory<byte> bytes) => string.Join(' ', bytes.ToArray().Select(x => x.ToString("X2")));

    private static async Task<string?> DescriptorAsync(Wire wire, byte type, byte index, ushort length)
    {
        var response = await wire.SendAsync(0x80, 6, (ushort)((type << 8) | index), 0x0409, length);
        return response.Status == UsbControlStatus.Ack ? Hex(response.Data) : null;
    }
}
