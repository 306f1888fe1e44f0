using Defuse.DataCompiler;
using Defuse.Devices;
using Defuse.Targets.Dfu;

namespace Defuse.Core.Tests.Devices;

/// <summary>The folder data: that it is sound, that what Defuse carries is made of it, and that unsound data is refused.</summary>
public class DataTests
{
    private const string Quirks = "quirks.txt";
    private const string F4 = "chips/STM32F4.txt";

    private static readonly DataFolder Data = DataFolder.Read(Checkout.At("data"));

    [Fact]
    public void The_data_is_sound_and_what_Defuse_carries_is_made_of_it()
    {
        var compilation = Compilation.Of(Data);

        Assert.Empty(compilation.Problems);
        using var file = File.OpenRead(Checkout.At(Repository.Artefact));
        Assert.True(DeviceTablesWriter.Holds(file, compilation.Tables!), "stale: dotnet run --project eng/Defuse.DataCompiler");
        using var options = File.OpenRead(Checkout.At(Repository.OptionArtefact));
        Assert.True(OptionTablesWriter.Holds(options, compilation.Options!), "stale: dotnet run --project eng/Defuse.DataCompiler");
    }

    [Fact]
    public void The_quirks_their_document_and_the_USB_ids_are_made_of_the_data()
    {
        foreach (var (file, text) in DataCompiler.Program.Texts(Compilation.Of(Data)))
        {
            Assert.True(
                text == File.ReadAllText(Checkout.At(file)).ReplaceLineEndings("\n"), $"{file} is stale: dotnet run --project eng/Defuse.DataCompiler");
        }
    }

    [Fact]
    public void A_changed_quirk_makes_its_file_and_its_document_stale()
    {
        var changed = Compilation.Of(Data.With("quirks.txt", x => ReplaceFirst(x, "weak-link 10", "weak-link 20")));

        Assert.All(
            DataCompiler.Program.Texts(changed).Where(x => x.File != Repository.UsbIds), x => Assert.NotEqual(x.Text, File.ReadAllText(Checkout.At(x.File)).ReplaceLineEndings("\n")));
    }

    [Fact]
    public void Quirks_read_back_as_they_were_written()
    {
        var quirks = Compilation.Of(Data).Quirks.Select(x => x.Quirk).ToList();

        Assert.Equal(DfuQuirkTable.Write(quirks), DfuQuirkTable.Write(DfuQuirkTable.Read(DfuQuirkTable.Write(quirks))));
        Assert.Equal(quirks.Count, DfuQuirkTable.Shipped.Length);
    }

    [Fact]
    public void USB_ids_read_back_as_they_were_written()
    {
        var rows = Compilation.Of(Data).UsbIds;

        Assert.Equal(rows, UsbIdTable.Read(UsbIdTable.Write(rows)));
        Assert.Equal(rows, UsbIdTable.Load());
    }

    [Fact]
    public void What_is_packed_reads_back_equal()
    {
        var tables = Compilation.Of(Data).Tables!;

        using var packed = new MemoryStream(TableWriter.Pack(DeviceTablesWriter.Write(tables)));
        Assert.Equal(DeviceTablesWriter.Write(tables), DeviceTablesWriter.Write(DeviceTables.Unpack(packed)));
    }

    [Fact]
    public void A_changed_figure_makes_the_carried_file_stale()
    {
        var changed = Compilation.Of(Data.With(F4, x => ReplaceFirst(x, "system           0x1FFF0000+30K", "system           0x1FFF0000+29K"))).Tables!;

        using var file = File.OpenRead(Checkout.At(Repository.Artefact));
        Assert.False(DeviceTablesWriter.Holds(file, changed));
    }

    [Theory]
    [InlineData(F4, "chip 0x419 ", "chip 0x413 ", "chip 0x413 is there twice")]
    [InlineData(F4, "chip 0x413 STM32F405/F407/F415/F417", "chip 0x413 STM32F446", "another chip is called STM32F446")]
    [InlineData(F4, "chip 0x413 ", "chip 413 ", "a chip is 'chip ID NAME'")]
    [InlineData(F4, "lines            F405 F407 F415 F417", "limes            F405", "'limes' is no figure of a chip")]
    [InlineData(F4, "cpu              Cortex-M4 | embassy\n", "", "has no cpu")]
    [InlineData(F4, "cpu              Cortex-M4 | embassy\n", "cpu              Cortex-M4 | embassy\ncpu              Cortex-M4 | embassy\n", "has cpu twice")]
    [InlineData(F4, "Cortex-M4 | embassy", "Cortex-M4", "cpu names no source")]
    [InlineData(F4, "Cortex-M4 | embassy", "Cortex-M4 | hearsay", "cpu names source 'hearsay'")]
    [InlineData(F4, "Cortex-M4 | embassy", "Cortex-M4 | embassy and more", "sources are 'key, key(place in it)'")]
    [InlineData(F4, "Cortex-M4 | embassy", "Cortex-M4 | cubeprog", "rests only on sources that may be compared with")]
    [InlineData(F4, "1024K single 0x08000000 4x16K 1x64K 7x128K", "1024K single 0x08000000 4x16K 1x64K 6x128K", "the sectors have 896 KB together, not 1024 KB")]
    [InlineData(F4, "1024K single 0x08000000 4x16K 1x64K 7x128K", "1024K single 0x08000000 8x16K 7x128K 1x0K", "a bank is 'ADDRESS NxSIZE…'")]
    [InlineData(F4, "1024K single 0x08000000 4x16K 1x64K 7x128K", "1024K single 0x08000000 1x64K 7x128K 4x16K", "a sector begins at no multiple of its size")]
    [InlineData(F4, "1024K single 0x08000000 4x16K 1x64K 7x128K", "1024K dual 0x08000000 4x16K 1x64K 7x128K", "a dual bank layout has 1 banks")]
    [InlineData(F4, "; 0x08100000 4x16K 1x64K 7x128K", "; 0x080E0000 4x16K 1x64K 7x128K", "sectors overlap at 0x080E0000")]
    [InlineData(F4, "layout           512K single 0x08000000 4x16K 1x64K 3x128K | embassy", "layout           1024K single 0x08000000 4x16K 1x64K 7x128K | embassy", "this layout is there twice")]
    [InlineData(F4, "SRAM2 0x2001C000+16K", "SRAM2 0x2001B000+16K", "SRAM and SRAM2 overlap")]
    [InlineData(F4, "SRAM2 0x2001C000+16K", "SRAM2 0x2001C000", "RAM is 'LABEL NAME ADDRESS+SIZE[ alias], …'")]
    [InlineData("chips/STM32F1.txt", "16K SRAM 0x20000000+16K", "16K SRAM 0x30000000+16K", "this one reaches out of it")]
    [InlineData(F4, "uid              0x1FFF7A10", "uid              0x1FFF7A11", "uid is not an address that is a multiple of 4")]
    [InlineData(F4, "flash-size       0x1FFF7A22", "flash-size       0x1FFF7A23", "flash-size is not an address that is a multiple of 2")]
    [InlineData(F4, "erased           0xFF", "erased           0xAA", "erased is not 0x00 or 0xFF")]
    [InlineData(F4, "program-unit     4", "program-unit     6", "program-unit is not a power of 2")]
    [InlineData(F4, "system           0x1FFF0000+30K", "system           0x08000000+30K", "system is not outside main flash")]
    [InlineData(F4, "otp              0x1FFF7800+528", "otp              0x1FFF7800", "otp is not 'ADDRESS+SIZE'")]
    [InlineData(F4, "bank-bit         DB1M register bit 30 dual when 1", "bank-bit         DB1M bit 30", "bank-bit is not")]
    [InlineData(F4, "usb-dfu          yes ", "usb-dfu          maybe ", "usb-dfu is not 'yes|no|unknown WHY'")]
    [InlineData(F4, "release          0x2100 0x2200", "release          0x2100", "has no release 0x2200")]
    [InlineData("parts.csv", "STM32F767ZI,0x451,2048,512K", "STM32F767ZI,0x452,2048,512K", "begins like none of the lines")]
    [InlineData("parts.csv", "STM32F767ZI,0x451,2048,512K", "STM32F767ZI,0x4FF,2048,512K", "there is no chip 0x4FF")]
    [InlineData("parts.csv", "STM32F767ZI,0x451,2048,512K", "STM32F767ZI,0x451,4096,512K", "has no layout of 4096 KB")]
    [InlineData("parts.csv", "STM32F767ZI,0x451,2048,512K", "STM32F767ZI,0x451,2048,640K", "has no RAM 640K")]
    [InlineData("parts.csv", "STM32F767ZI,0x451,2048,512K", "STM32F767ZG,0x451,2048,512K", "STM32F767ZG is there twice")]
    [InlineData("parts.csv", "STM32F767ZI,0x451,2048,512K", "STM32F767ZI", "a part is 'part,chip,flash in KB,ram'")]
    [InlineData("chips/STM32F2.txt", "layout           512K", "layout           256K single 0x08000000 4x16K 3x64K | embassy\nlayout           640K single 0x08000000 4x16K 1x64K 4x128K | embassy\nlayout           512K", "no part has a flash of 640 KB")]
    [InlineData("layout-strings.txt", "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,06*128Kg", "is as this string says")]
    [InlineData("layout-strings.txt", "@Option Bytes  /0x1FFFC000/01*016 e", "@Option Bytes  /0x1FFFC100/01*016 e", "is as this string says")]
    [InlineData("layout-strings.txt", "@Option Bytes  /0x1FFFC000/01*016 e", "Option Bytes", "this is no layout string")]
    [InlineData("disagreements.txt", "| flash-size | 0x1FFF75A0 |", "| flash-size | 0x1FFF75A2 |", "has flash-size 0x1FFF75A0, not '0x1FFF75A2'")]
    [InlineData("usb-ids.txt", "0483:3748 | probe", "0483:374b | probe", "ids are 'VID:PID'")]
    [InlineData("usb-ids.txt", "0483:3748 | probe", "*:3748 | probe", "ids are 'VID:PID'")]
    [InlineData("usb-ids.txt", "0483:3748 | probe", "*:* | probe", "says of no device that it is one")]
    [InlineData("usb-ids.txt", "0483:3748 | probe", "0483:374B | probe", "a row for the same devices as ST-LINK")]
    [InlineData("usb-ids.txt", "0483:3748 | probe", "0483:3748 | prober", "a kind is one of")]
    [InlineData("usb-ids.txt", "0483:3748 | probe", "0483:3748 | probe Serial", "a kind is one of")]
    [InlineData("usb-ids.txt", "program Zephyr", "program 7", "a kind is one of")]
    [InlineData("usb-ids.txt", "program Zephyr", "program", "a kind is one of")]
    [InlineData("usb-ids.txt", "ST-LINK/V2 | - | pyocd, probe-rs", "ST-LINK/V2 | - | ", "names no source")]
    [InlineData("usb-ids.txt", "ST-LINK/V2 | - | pyocd", "ST-LINK/V2 | maker ST | pyocd", "texts are")]
    [InlineData("usb-ids.txt", "ST-LINK/V2 | - | pyocd", "ST-LINK/V2 | pyocd", "a USB id is")]
    [InlineData("boards/st.txt", "part        STM32F767ZI", "part        STM32F767ZX", "there is no part STM32F767ZX")]
    [InlineData("boards/st.txt", "mbed        0813", "mbed        0818", "mbed number 0818 is not four digits, or there twice")]
    [InlineData("boards/st.txt", "board NUCLEO-H743ZI\n", "board Nucleo F767ZI\n", "is a name of NUCLEO-F767ZI already")]
    [InlineData("boards/st.txt", "confidence  confirmed", "confidence  sure", "confidence is confirmed or check")]
    [InlineData("boards/others.txt", "bootloader  0x08000000+32K mboot", "bootloader  0x0A000000+32K mboot", "a bootloader is 'ADDRESS+SIZE NAME'")]
    [InlineData("boards/st.txt", "boot0       wire CN11-7, CN11-5", "boot0       wire CN11-7", "boot0 is 'wire|pads|tie PIN, PIN'")]
    [InlineData("boards/st.txt", "boot0       wire CN11-7, CN11-5", "boot0       pull CN11-7, CN11-5", "boot0 is 'wire|pads|tie PIN, PIN'")]
    [InlineData("boards/others.txt", "boot0       button BOOT0\n", "boot0       button BOOT0, BOOT1\n", "'jumper|switch|button NAME'")]
    [InlineData("boards/st.txt", "boot0       wire CN11-7, CN11-5\n", "", "restart says nothing without boot0")]
    [InlineData("boards/st.txt", "restart     power", "restart     twice", "restart is 'power', 'plug' or 'button NAME'")]
    [InlineData("boards/st.txt", "needs       probe", "needs       patience", "needs is probe")]
    [InlineData("boards/st.txt", "needs       probe", "obstacle    none", "a board has boot0 or obstacle, and not both")]
    [InlineData("boards/st.txt", "needs       probe", "dfu         somehow", "a board has boot0 or dfu, and not both")]
    [InlineData("boards/st.txt", "usb-wires   PA11 PA12", "usb-wires   PA11", "usb-wires is 'D- D+'")]
    [InlineData("boards/st.txt", "needs       probe", "usb-wires   PA11 PA12", "usb-wires is 'D- D+'")]
    [InlineData("option-bytes.txt", "options 0x418", "options 0x4FF", "0x4FF is no chip, or has option bytes already")]
    [InlineData("option-bytes.txt", "options 0x418", "options 0x413", "0x413 is no chip, or has option bytes already")]
    [InlineData("option-bytes.txt", "RDP 0+8, WDG_SW 16,", "RDP 0+8, WDG_SW 7,", "WDG_SW shares bits with another field")]
    [InlineData("option-bytes.txt", "RDP 0+8, WDG_SW 16,", "RDP 0+8, RDP 16,", "field RDP is there twice")]
    [InlineData("option-bytes.txt", "RDP 0+8, WDG_SW 16,", "RDP 0+8, WDG_SW 32,", "'WDG_SW 32' is no field of a word")]
    [InlineData("option-bytes.txt", "rdp RDP f1", "rdp RDQ f1", "there is no field RDQ")]
    [InlineData("option-bytes.txt", "rdp RDP f1", "rdp RDP f9", "there is no line 'rdp FIELD level|half|f1|state'")]
    [InlineData("option-bytes.txt", "protect WRP0 low bits 0 4K", "protect WRP0 low 4K", "says nothing of what a field protects")]
    [InlineData("option-bytes.txt", "protect WRP0 low bits 0 4K | general, cubeprog", "protect WRP0 low bits 0 4K | cubeprog", "rests only on sources that may be compared with")]
    [InlineData("option-bytes.txt", "register 0x1FFFF804 DATA: Data0 0+8, Data1 16+8 | cmsis(OB_TypeDef, FLASH_OBR), cubeprog", "register 0x1FFFF804 DATA: Data0 0+8, Data1 16+8 | cubeprog", "register rests only on")]
    [InlineData("option-bytes.txt", "0=entering Stop mode resets the chip; 1=", "0=entering Stop mode resets the chip; ", "is no VALUE=TEXT")]
    [InlineData("sources.txt", "| ship    | MIT or Apache-2.0", "| perhaps | MIT or Apache-2.0", "a source is")]
    [InlineData(Quirks, "effect   weak-link 10\n", "", "f0-xhci has no effect")]
    [InlineData(Quirks, "sim      32f072bdiscovery?port=xhci\n", "", "f0-xhci has no sim")]
    [InlineData(Quirks, "test     QuirkTests.A_link_that_spoils_quick_requests_is_used_more_slowly\n", "", "f0-xhci has no test")]
    [InlineData(Quirks, " | dfu-util(dfuse.c)\nhost     asks no", "\nhost     asks no", "what names no source")]
    [InlineData(Quirks, "dfu-util(dfuse.c)\nhost     asks no", "cubeprog\nhost     asks no", "rests only on sources that may be compared with")]
    [InlineData(Quirks, "weak-link 10", "weak-link", "these are no figures of weak-link")]
    [InlineData(Quirks, "weak-link 10", "weak-limb 10", "an effect is one of none, poll-as-reported")]
    [InlineData(Quirks, "size-by-serial B=131072", "size-by-serial B131072", "these are no figures of size-by-serial")]
    [InlineData(Quirks, "sim      32f072bdiscovery?port=xhci", "sim      32F072?", "sim is 'BOARD[?option=value]'")]
    [InlineData(Quirks, "test     QuirkTests.A_link_that", "test     A link that", "test is 'Class.Method'")]
    [InlineData(Quirks, "usb-id   28E9:0189", "usb-id   28E90189", "usb-id is 'VID:PID'")]
    [InlineData(Quirks, "release  0x0200", "release  0200", "release is a number of 16 bits")]
    [InlineData(Quirks, "chip     0x44E", "chip     0xFFF", "chip is the id of a chip in data/chips")]
    [InlineData(Quirks, "product  exact DFU", "product  DFU", "product is 'exact TEXT', 'prefix TEXT' or 'pattern TEXT'")]
    [InlineData(Quirks, "quirk gd32-pages", "quirk gd32-serial", "or there twice")]
    [InlineData(Quirks, "usb-id   28E9:0189\neffect   utf8-serial", "effect   utf8-serial", "says of no device that it has it")]
    public void Unsound_data_is_refused_with_file_and_line(string file, string from, string to, string expected)
    {
        var compilation = Compilation.Of(Data.With(file, x => ReplaceFirst(x, from, to)));

        Assert.Null(compilation.Tables);
        Assert.Contains(compilation.Problems, x => x.StartsWith($"data/", StringComparison.Ordinal) && x.Contains(expected, StringComparison.Ordinal));
        Assert.All(compilation.Problems, x => Assert.Matches("^data/[^:]+:[0-9]+: ", x));
    }

    private static string ReplaceFirst(string text, string from, string to)
    {
        var at = text.IndexOf(from, StringComparison.Ordinal);
        Assert.True(at >= 0, $"the data has no '{from}'");
        return text[..at] + to + text[(at + from.Length)..];
    }
}
