using Defuse.Core.Tests.Programming;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Simulator;

namespace Defuse.Core.Tests.Devices;

public class OptionByteTests
{
    private const uint F4 = 0x1FFFC000;
    private const uint F7 = 0x1FFF0000;
    private const uint L4 = 0x1FFF7800;

    public static TheoryData<string> Protectable =>
        [.. SimulatedBoardCatalog.Boards.Where(x => x.Options.Any(y => y.Name == "wrp")).Select(x => x.Name)];

    [Theory]
    [MemberData(nameof(Protectable))]
    public async Task What_a_board_protects_is_what_its_option_bytes_are_told_to_say(string name)
    {
        using var first = new Bench(name);
        var sectors = first.Board.Chip.Sectors;
        foreach (var number in new[] { 0, 1, sectors.Length / 2, sectors.Length - 1 })
        {
            using var bench = new Bench(name, ("wrp", $"{number}"));
            await using var target = await bench.OpenAsync();
            var protection = target.Description.Protection;
            if (target.Description.Candidates.IsEmpty || target.Description.Memory.Regions.All(x => x.Kind != MemoryKind.OptionBytes))
            {
                Assert.Equal(ReadOutProtection.Unknown, protection.ReadOut);
                Assert.Empty(protection.WriteProtected);
                continue;
            }

            Assert.Equal(ReadOutProtection.None, protection.ReadOut);
            foreach (var sector in bench.Board.Chip.Sectors)
            {
                var range = new AddressRange(sector.Address, sector.Size);
                if (!protection.WriteProtectionUnknown.Any(x => x.Overlaps(range)))
                {
                    Assert.Equal(bench.Board.Chip.IsWriteProtected(sector.Index), protection.IsWriteProtected(range));
                }
            }
        }
    }

    [Fact]
    public async Task In_two_banks_a_bit_of_an_F767_protects_two_sectors()
    {
        using var bench = new Bench("nucleo-f767zi", ("bank", "dual"), ("wrp", "3,12"));
        await using var target = await bench.OpenAsync();

        Assert.Equal(
            [new AddressRange(0x08008000, 32 * 1024), new AddressRange(0x08100000, 32 * 1024)],
            target.Description.Protection.WriteProtected.AsEnumerable());
    }

    [Fact]
    public async Task Fields_are_told_by_name_with_what_they_mean()
    {
        using var bench = new Bench("nucleo-f767zi", ("bank", "dual"), ("wrp", "0"));
        await using var target = await bench.OpenAsync();
        var bytes = await target.ReadOptionBytesAsync(Bench.Cancel);

        Assert.Equal(bench.Board.Chip.ReadOptionBytes(), bytes.Raw.Segments.Single().Data.ToArray());
        Assert.Equal((0u, "flash is in two banks"), ValueOf(bytes, "nDBANK"));
        Assert.Equal((0xAAu, "level 0: memory can be read"), ValueOf(bytes, "RDP"));
        Assert.Equal((0xFFEu, null), ValueOf(bytes, "nWRP"));
        Assert.Equal((0x0080u, "0x00200000"), ValueOf(bytes, "BOOT_ADD0"));
        Assert.Equal((3u, "off"), ValueOf(bytes, "BOR_LEV"));
        Assert.Empty(bytes.Remarks);

        // The device is left as it was found: in dfuIDLE, on its first alternate setting.
        await foreach (var block in target.ReadAsync(new AddressRange(0x08000000, 16), Bench.Cancel))
        {
            Assert.Equal(16, block.Data.Length);
        }
    }

    [Fact]
    public async Task An_H743_shows_the_protection_of_its_first_bank_only_and_that_is_said()
    {
        using var bench = new Bench("nucleo-h743zi", ("wrp", "9"));
        await using var target = await bench.OpenAsync();
        var bytes = await target.ReadOptionBytesAsync(Bench.Cancel);

        Assert.Contains(bytes.Remarks, x => x.Contains("WPSN_CUR2", StringComparison.Ordinal));
        Assert.Empty(bytes.Protection.WriteProtected);
        Assert.Equal([new AddressRange(0x08100000, 1024 * 1024)], bytes.Protection.WriteProtectionUnknown.AsEnumerable());
    }

    [Fact]
    public void Where_chips_disagree_the_field_is_told_for_neither()
    {
        var bytes = Decode(Words(F4, 0xAAEF, 0, 0x7FFE), 0x413, 0x421);

        Assert.DoesNotContain(bytes.Values, x => x.Name is "nWRP" or "SPRMOD");
        Assert.Contains(bytes.Values, x => x is { Name: "RDP", Value: 0xAA });
        Assert.Contains(bytes.Remarks, x => x.Contains("only if the chip is STM32F405", StringComparison.Ordinal) && x.Contains("nWRP 0xFFE", StringComparison.Ordinal));
        Assert.Contains(bytes.Remarks, x => x.Contains("only if the chip is STM32F446", StringComparison.Ordinal) && x.Contains("SPRMOD 0", StringComparison.Ordinal));
        Assert.Equal([new AddressRange(0x08000000, 16 * 1024)], bytes.Protection.WriteProtected.AsEnumerable());
    }

    [Fact]
    public void Of_an_unknown_chip_only_the_bytes_are_told()
    {
        var bytes = Decode(Words(F4, 0xAAEF, 0, 0x7FFE));

        Assert.Empty(bytes.Values);
        Assert.Equal(16, bytes.Raw.ByteCount);
        Assert.Equal(ReadOutProtection.Unknown, bytes.Protection.ReadOut);
        Assert.Contains(bytes.Remarks, x => x.Contains("the chip is not known", StringComparison.Ordinal));
    }

    [Fact]
    public void A_chip_whose_option_bytes_nobody_knows_leaves_protection_unknown()
    {
        var bytes = Decode(Words(0x40022050, 1), 0x45A);

        Assert.Contains(bytes.Remarks, x => x.Contains("nothing is known of the option bytes", StringComparison.Ordinal));
        Assert.Equal(ReadOutProtection.Unknown, bytes.Protection.ReadOut);
    }

    [Theory]
    [InlineData(0x413, 0xAAu, ReadOutProtection.None)]
    [InlineData(0x413, 0xCCu, ReadOutProtection.Permanent)]
    [InlineData(0x413, 0x55u, ReadOutProtection.Level1)]
    [InlineData(0x413, 0x00u, ReadOutProtection.Level1)]
    [InlineData(0x482, 0x55u, ReadOutProtection.Half)]
    [InlineData(0x482, 0xDCu, ReadOutProtection.Level1)]
    [InlineData(0x418, 0xA5u, ReadOutProtection.None)]
    [InlineData(0x418, 0xAAu, ReadOutProtection.Level1)]
    [InlineData(0x418, 0xCCu, ReadOutProtection.Level1)]
    [InlineData(0x484, 0xEDu, ReadOutProtection.None)]
    [InlineData(0x484, 0x5Cu, ReadOutProtection.Permanent)]
    [InlineData(0x484, 0x17u, ReadOutProtection.Unknown)]
    public void The_level_is_told_as_each_family_codes_it(int chip, uint rdp, ReadOutProtection level)
    {
        var (address, shift) = chip switch { 0x413 => (F4, 8), 0x418 => (0x1FFFF800u, 0), 0x484 => (0x40022050u, 8), _ => (0x40022040u, 0) };

        var bytes = Decode(Words(address, rdp << shift, 0xFFFF, 0xFFFF, 0xFFFF), (ushort)chip);

        Assert.Equal(level, bytes.Protection.ReadOut);
        Assert.Contains($"0x{rdp:X2}", bytes.Protection.Evidence, StringComparison.Ordinal);
    }

    [Fact]
    public void Pages_from_and_to_are_protected_and_none_where_the_first_is_behind_the_last()
    {
        // An STM32L476 with 1 MB: WRP1A pages 2 to 3, WRP1B none, WRP2A page 0 of the second bank.
        var image = new FirmwareImageBuilder();
        image.Add(Words(L4, 0xAA, 0, 0, 0, 0, 0, 0x0003_0002, 0, 0x0000_00FF));
        image.Add(Words(0x1FFFF800, 0, 0, 0, 0, 0, 0, 0x0000_0000, 0, 0x0000_00FF));

        var bytes = Decode(image.Build(), 0x415);

        Assert.Equal(
            [new AddressRange(0x08001000, 0x1000), new AddressRange(0x08080000, 0x800)],
            bytes.Protection.WriteProtected.AsEnumerable());
    }

    [Theory]
    [InlineData(0x418, 0x00FF_00FEu, 0x08000000u, 0x1000L)] // WRP0, bit 0: by 0, 4 KB
    [InlineData(0x418, 0x00FD_00FFu, 0x08009000u, 0x1000L)] // WRP1, bit 1
    public void A_bit_of_an_F1_protects_4_KB(int chip, uint word, uint start, long length)
    {
        var bytes = Decode(Words(0x1FFFF800, 0xA5, 0, word, 0x00FF_00FF), (ushort)chip);

        Assert.Equal([new AddressRange(start, length)], bytes.Protection.WriteProtected.AsEnumerable());
    }

    [Fact]
    public void The_last_bit_of_an_F1_protects_all_that_follows()
    {
        var bytes = Decode(Words(0x1FFFF800, 0xA5, 0, 0x00FF_00FF, 0x007F_00FF), 0x418);

        Assert.Equal([AddressRange.FromBounds(0x0801F000, 0x08040000)], bytes.Protection.WriteProtected.AsEnumerable());
    }

    [Fact]
    public void A_1_protects_on_an_L0_and_a_0_where_it_protects_from_being_read()
    {
        Assert.Equal(
            [new AddressRange(0x08002000, 0x1000)],
            Decode(Words(0x1FF80000, 0xAA, 0, 4, 0, 0), 0x447).Protection.WriteProtected.AsEnumerable());
        Assert.Equal(
            [AddressRange.FromBounds(0x08000000, 0x08002000), AddressRange.FromBounds(0x08003000, 0x08030000)],
            Decode(Words(0x1FF80000, 0x1AA, 0, 4, 0, 0), 0x447).Protection.WriteProtected.AsEnumerable());
    }

    [Fact]
    public void Bytes_that_end_within_a_word_do_not_tell_it()
    {
        var bytes = Decode(FirmwareImage.FromBytes(F7, new byte[10]), 0x451);

        Assert.Equal([F7], bytes.Values.Select(x => x.Address).Distinct());
    }

    internal static OptionBytes Decode(FirmwareImage raw, params ReadOnlySpan<ushort> chips)
    {
        var profiles = chips.ToArray().Select(x => ChipDatabase.Default.FindId(x)!).ToList();
        var target = (profiles.Count == 0 ? ChipDatabase.Default.FindId(0x413)! : profiles[0]).ToTarget() with
        {
            Candidates = [.. profiles.Select((x, i) => new ChipCandidate(x, i == 0 ? ["one", "two"] : ["one"]))],
        };
        return OptionDecoder.Decode(raw, target, OptionTables.Shipped);
    }

    internal static FirmwareImage Words(uint address, params ReadOnlySpan<uint> words)
    {
        var bytes = new byte[Math.Max(16, words.Length * 4)];
        bytes.AsSpan().Fill(0xFF);
        for (var i = 0; i < words.Length; i++)
        {
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }

        return FirmwareImage.FromBytes(address, bytes);
    }

    private static (uint Value, string? Meaning) ValueOf(OptionBytes bytes, string name)
    {
        var value = bytes.Values.Single(x => x.Name == name);
        return (value.Value, value.Meaning);
    }
}
