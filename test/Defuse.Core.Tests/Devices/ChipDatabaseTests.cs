using Defuse.Devices;
using Defuse.Images;
using Defuse.Targets.Dfu;

namespace Defuse.Core.Tests.Devices;

public class ChipDatabaseTests
{
    private static readonly ChipDatabase Chips = ChipDatabase.Default;

    [Theory]
    [InlineData("STM32F767ZI")]
    [InlineData("stm32f767zi")]
    [InlineData("F767ZI")]
    [InlineData("f767zit6")]
    [InlineData("STM32F767ZIT6U")]
    [InlineData("STM32 F767ZIT6TR")]
    public void A_part_is_found_however_it_is_written(string text)
    {
        var match = Chips.FindPart(text)!;

        Assert.Equal(("STM32F767ZI", 0x451, 2048L * 1024), (match.Part!.Name, (int)match.Chip.Id, match.FlashBytes!.Value));
        Assert.Equal(match, Assert.Single(Chips.Find(text)));
    }

    [Theory]
    [InlineData("STM32L151CBT6", 0x416)]
    [InlineData("STM32L151CBT6A", 0x429)]
    [InlineData("STM32L151CBT6ATR", 0x429)]
    [InlineData("STM32L151CB-A", 0x429)]
    [InlineData("STM32L152VDT6X", 0x437)]
    [InlineData("STM32L152VDT6", 0x436)]
    [InlineData("STM32F103C8T6", 0x410)]
    [InlineData("STM32F103C6T6", 0x412)]
    [InlineData("STM32F103RCT6", 0x414)]
    [InlineData("STM32F401CCU6", 0x423)]
    [InlineData("STM32F401CEU6", 0x433)]
    public void Parts_that_look_alike_are_told_apart(string text, int id) => Assert.Equal(id, Chips.FindPart(text)!.Chip.Id);

    [Theory]
    [InlineData("F103C8OOPS")]
    [InlineData("F767ZI-NUCLEO")]
    [InlineData("F767ZIT6T6T6")]
    [InlineData("F767")]
    public void What_stands_behind_a_part_is_its_package_and_nothing_else(string text) => Assert.Null(Chips.FindPart(text));

    [Theory]
    [InlineData("F767", 0x451, null)]
    [InlineData("F103x8", 0x410, 64)]
    [InlineData("STM32F405xx", 0x413, null)]
    [InlineData("F405xG", 0x413, 1024)]
    [InlineData("0x451", 0x451, null)]
    [InlineData("0x4b0", 0x4B0, null)]
    [InlineData("446", 0x421, null)]
    [InlineData("F103 medium density", 0x410, null)]
    [InlineData("STM32U0 U083", 0x489, null)]
    public void A_chip_is_found_by_a_beginning_an_id_or_words(string text, int id, int? kilobytes)
    {
        var match = Assert.Single(Chips.Find(text));

        Assert.Equal((id, kilobytes * 1024L), ((int)match.Chip.Id, match.FlashBytes));
        Assert.Null(match.Part);
    }

    [Fact]
    public void A_beginning_finds_every_chip_that_it_fits()
    {
        Assert.Equal([0x423, 0x433], Chips.Find("F401").Select(x => (int)x.Chip.Id));
        Assert.All(Chips.Find("STM32F4"), x => Assert.Equal("STM32F4", x.Chip.Family));
        Assert.Equal(10, Chips.Find("STM32F4").Length);
        Assert.Equal(Chips.Chips.Length, Chips.Find(" ").Length);
        Assert.Empty(Chips.Find("STM32F999"));
        Assert.Empty(Chips.Find("ATmega"));
        Assert.Null(Chips.FindPart("STM32F767"));
    }

    [Fact]
    public void Every_part_is_found_by_its_name_and_has_a_layout_and_RAM()
    {
        foreach (var chip in Chips.Chips)
        {
            foreach (var part in chip.Parts)
            {
                var match = Chips.FindPart(part.Name);
                Assert.Equal((chip.Id, part.Name), (match!.Chip.Id, match.Part!.Name));
                Assert.NotEmpty(chip.LayoutsFor(part));
                Assert.NotEmpty(part.Ram);
                Assert.True(chip.Includes(part.Name), part.Name);
            }
        }
    }

    [Fact]
    public void Every_figure_that_is_there_has_a_source()
    {
        foreach (var chip in Chips.Chips)
        {
            var named = chip.Sources.Select(x => x.Figure).ToHashSet(StringComparer.Ordinal);
            (string Figure, bool IsThere)[] figures =
            [
                ("layout", true), ("ram", true), ("program-unit", true), ("erased", true), ("usb-dfu", true), ("cpu", true), ("lines", true),
                ("system", chip.SystemMemory is not null), ("option-bytes", chip.OptionBytes is not null), ("option-register", chip.OptionRegister is not null),
                ("bank-bit", chip.BankMode is not null), ("uid", chip.UniqueId is not null), ("flash-size", chip.FlashSizeRegister is not null),
                ("idcode", chip.IdCodeRegister is not null), ("otp", chip.Otp is not null), ("data-eeprom", chip.DataEeprom is not null),
                ("release", !chip.DeviceReleases.IsEmpty),
            ];
            Assert.All(figures, x => Assert.Equal(x.IsThere, named.Contains(x.Figure)));
            Assert.All(chip.Sources, x => Assert.NotEmpty(x.Source));
        }
    }

    [Fact]
    public void Figures_are_as_known_from_documents()
    {
        var f767 = Chips.FindId(0x451)!;
        Assert.Equal(("STM32F7", "Cortex-M7", 32, 0xFF), (f767.Family, f767.Cpu, f767.WriteUnit, f767.ErasedByte));
        Assert.Equal((0x1FF0F420u, 0x1FF0F442u, 0xE0042000u), (f767.UniqueId!.Value, f767.FlashSizeRegister!.Value, f767.IdCodeRegister!.Value));
        Assert.Equal(new BankModeBit("nDBANK", 0x1FFF0008, 13, 29, SingleBankWhenSet: true), f767.BankMode);
        Assert.Equal(
            ["2 MB in a single bank", "2 MB in dual bank", "1 MB in a single bank", "1 MB in dual bank"], f767.Layouts.Select(x => x.Name));
        Assert.Contains(new AddressRange(0x20000000, 0x20000), f767.Ram);

        var l072 = Chips.FindId(0x447)!;
        Assert.Equal((0x00, 4), (l072.ErasedByte, l072.WriteUnit));
        Assert.Equal(new AddressRange(0x08080000, 6 * 1024), l072.DataEeprom);

        var h743 = Chips.FindId(0x450)!;
        Assert.Equal([(0x08000000u, 4, 131072L), (0x08100000u, 4, 131072L)], h743.Layouts[1].Runs.Select(x => (x.Range.Start, x.Count, x.SectorSize)));
        Assert.Equal(0x08100000u, h743.Layouts[1].SecondBank);
        Assert.Equal(UsbDfuPresence.No, Chips.FindId(0x417)!.UsbDfu.Presence);
        Assert.Equal(UsbDfuPresence.Unknown, Chips.FindId(0x485)!.UsbDfu.Presence);
        Assert.Contains(Chips.FindId(0x413)!.Disagreements, x => x is { Figure: "flash-size", Taken: "0x1FFF7A22" });
    }

    [Fact]
    public void What_ROMs_were_seen_to_announce_names_their_chip_first()
    {
        foreach (var chip in Chips.Chips.Where(x => x.SeenRegions.Any(y => y.IsFlash) && !x.DeviceReleases.IsEmpty))
        {
            foreach (var release in chip.DeviceReleases)
            {
                // One ROM's regions: where several were seen for one alternate setting, the last.
                var regions = chip.SeenRegions.GroupBy(x => x.AlternateSetting).Select(x => x.Last()).ToList();
                var candidates = Chips.Identify(regions, release);
                Assert.Contains(candidates, x => x.Chip.Id == chip.Id);
                Assert.Equal(candidates[0].Evidence.Length, candidates.Single(x => x.Chip.Id == chip.Id).Evidence.Length);
            }
        }
    }

    [Fact]
    public void Chips_that_share_their_sectors_share_their_erased_byte()
    {
        var layouts = Chips.Chips.SelectMany(x => x.Layouts.Select(y => (Chip: x, Layout: y))).ToList();
        foreach (var (chip, layout) in layouts)
        {
            Assert.All(layouts.Where(x => x.Layout.HasSectorsOf(layout.Runs)), x => Assert.Equal(chip.ErasedByte, x.Chip.ErasedByte));
        }
    }

    [Fact]
    public void An_option_byte_area_elsewhere_or_a_second_one_tells_chips_apart()
    {
        const string Flash = "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg";
        var one = Ids(0x2200, Flash, "@Option Bytes  /0x1FFFC000/01*016 e");
        Assert.Contains(0x413, one);
        Assert.Contains(0x441, one);
        Assert.DoesNotContain(0x419, one);

        var two = Ids(0x2200, Flash, "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e");
        Assert.Equal(0x419, two[0]);
        Assert.DoesNotContain(0x413, two);
        Assert.Empty(Ids(0x2200, Flash, "@Option Bytes  /0x1FFF7800/01*016 e"));
    }

    [Fact]
    public void A_chip_whose_ROM_has_no_USB_is_no_candidate()
    {
        var ids = Ids(0x2200, "@Internal Flash  /0x08000000/064*0002Kg");
        Assert.Contains(0x448, ids);
        Assert.DoesNotContain(0x410, ids);
        Assert.All(ids, x => Assert.NotEqual(UsbDfuPresence.No, Chips.FindId((ushort)x)!.UsbDfu.Presence));
    }

    [Fact]
    public void A_release_that_no_ROM_was_seen_with_is_somebody_elses_bootloader() =>
        Assert.Empty(Ids(0x0300, "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"));

    [Fact]
    public void A_newer_release_of_its_generation_excludes_no_chip()
    {
        Assert.Contains(0x418, Ids(0x2200, "@Internal Flash  /0x08000000/128*002Kg"));
        Assert.Contains(0x419, Ids(0x2100, "@Internal Flash /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg"));
    }

    [Fact]
    public void A_release_of_another_ROM_speaks_against_a_chip() =>
        Assert.DoesNotContain(0x413, Ids(0x0200, "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg"));

    [Theory]
    [InlineData(new int[0], "unknown chip")]
    [InlineData(new[] { 4 }, "A")]
    [InlineData(new[] { 4, 1 }, "A or B")]
    [InlineData(new[] { 4, 1, 1 }, "A or one of 2 others")]
    [InlineData(new[] { 4, 4, 1 }, "A or B or C")]
    [InlineData(new[] { 4, 4, 1, 1 }, "A or B or one of 2 others")]
    [InlineData(new[] { 1, 1, 1, 1, 1 }, "A or B or one of 3 others")]
    public void People_are_told_the_likeliest_and_how_many_more(int[] evidence, string expected)
    {
        var chip = Chips.Chips[0];
        var target = chip.ToTarget() with
        {
            Candidates = [.. evidence.Select((x, i) => new ChipCandidate(chip with { Name = $"{(char)('A' + i)}" }, [.. Enumerable.Repeat("e", x)]))],
        };

        Assert.Equal(expected, target.ChipName);
    }

    private static List<int> Ids(ushort release, params string[] strings) =>
        [.. Chips.Identify([.. strings.Select((x, i) => MemoryLayoutString.TryParse(x, (byte)i)!)], release).Select(x => (int)x.Chip.Id)];
}
