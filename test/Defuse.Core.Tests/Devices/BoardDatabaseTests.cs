using Defuse.Devices;

namespace Defuse.Core.Tests.Devices;

public class BoardDatabaseTests
{
    private static readonly BoardDatabase Boards = BoardDatabase.Default;

    [Theory]
    [InlineData("NUCLEO-F767ZI", "NUCLEO-F767ZI")]
    [InlineData("nucleo_f767zi", "NUCLEO-F767ZI")]
    [InlineData("Nucleo F767ZI", "NUCLEO-F767ZI")]
    [InlineData("pybv11", "Pyboard v1.1")]
    [InlineData("STM32L0538-DISCO", "32L0538DISCOVERY")]
    [InlineData("ARDUINO_PORTENTA_H7", "Arduino Portenta H7")]
    public void A_board_is_found_by_its_names_however_they_are_written(string text, string name)
    {
        Assert.Equal(name, Boards.FindName(text)!.Name);
        Assert.Equal(name, Assert.Single(Boards.Find(text)).Name);
    }

    [Theory]
    [InlineData("0818", "NUCLEO-F767ZI")]
    [InlineData("08180221066DFF", "NUCLEO-F767ZI")]
    [InlineData("0805", "32L0538DISCOVERY")]
    public void A_board_is_found_by_what_its_probe_reports(string id, string name) => Assert.Equal(name, Boards.FindMbedId(id)!.Name);

    [Fact]
    public void Words_find_every_board_that_has_them()
    {
        Assert.Equal(["Arduino Giga", "Arduino Nicla Vision", "Arduino Opta", "Arduino Portenta H7"], Boards.Find("arduino h747").Select(x => x.Name));
        Assert.Equal("NUCLEO-F767ZI", Assert.Single(Boards.Find("0818")).Name);
        Assert.Equal(Boards.Boards.Length, Boards.Find("").Length);
        Assert.Empty(Boards.Find("Z80"));
        Assert.Null(Boards.FindName("NUCLEO"));
        Assert.Null(Boards.FindMbedId("9999"));
        Assert.Contains(Boards.WithChip(0x451), x => x.Name is "NUCLEO-F767ZI");
    }

    [Fact]
    public void A_board_says_how_its_bootloader_is_started_or_why_not()
    {
        var nucleo = Boards.FindName("NUCLEO-F767ZI")!;
        Assert.Contains("CN11", nucleo.EnterDfu, StringComparison.Ordinal);
        Assert.Equal(("STM32F767ZI", 0x451, "0818", "confirmed"), (nucleo.Part, (int)nucleo.ChipId, nucleo.MbedId, nucleo.Confidence));
        Assert.StartsWith("not possible", Boards.FindName("32L0538DISCOVERY")!.EnterDfu, StringComparison.Ordinal);
        Assert.Equal("check your board's manual", Boards.FindName("NUCLEO-F446RE")!.Confidence);
        Assert.Equal(32 * 1024, Assert.Single(Boards.FindName("PYBD_SF2")!.Bootloaders).Range.Length);
    }

    [Fact]
    public void Nobody_is_told_to_start_a_bootloader_that_the_ROM_does_not_have()
    {
        var withoutRom = Boards.Boards.Where(x => ChipDatabase.Default.FindId(x.ChipId)!.UsbDfu.Presence == UsbDfuPresence.No && x.EnterDfu is not null && x.Bootloaders.IsEmpty);

        Assert.NotEmpty(withoutRom);
        Assert.All(withoutRom, x => Assert.StartsWith("not possible", x.EnterDfu, StringComparison.Ordinal));
    }
}
