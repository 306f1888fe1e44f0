using System.Text;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Inspection;

public class MicroPythonTests
{
    [Fact]
    public void The_banner_names_version_date_board_and_chip()
    {
        var identity = Find("\0\0MicroPython v1.22.0-preview.236.gabc on 2023-12-27; Pyboard D (SF2) with STM32F722IEK\r\n\0")!;
        Assert.Equal("MicroPython", identity.Name);
        Assert.Equal("v1.22.0-preview.236.gabc", identity.Version);
        Assert.Equal(new DateOnly(2023, 12, 27), identity.Date);
        Assert.Equal("Pyboard D (SF2)", identity.Board);
        Assert.Equal("STM32F722IEK", identity.Mcu);
        Assert.Equal(0x0800_0000u + 14, identity.EvidenceAddress);
        Assert.Equal("MicroPython v1.22.0-preview.236.gabc of 2023-12-27 for Pyboard D (SF2) with STM32F722IEK", identity.ToString());
    }

    [Fact]
    public void A_banner_for_another_makers_chip_says_so() =>
        Assert.Equal("RP2040", Find("MicroPython v1.22.2 on 2024-02-22; Raspberry Pi Pico W with RP2040\r\n\0")!.Mcu);

    [Fact]
    public void A_banner_whose_halves_lie_apart_is_put_together()
    {
        var identity = Find("\0|  MPLR v1.2, NUCLEO-F767ZI with STM32F767\r\n\0|__|  MicroPythonv1.9.1-4-g6ed4581-dirty on 2017-06-14\r\n\0")!;
        Assert.Equal("v1.9.1-4-g6ed4581-dirty", identity.Version);
        Assert.Equal("NUCLEO-F767ZI", identity.Board);
        Assert.Equal("STM32F767", identity.Mcu);
    }

    [Fact]
    public void The_strings_of_uname_are_enough_when_MicroPython_is_named_elsewhere()
    {
        var identity = Find("\u0011\0\0\0PYBv1.1 with STM32F405RG\0v1.14 on 2021-02-02\01.14.0\0Welcome to MicroPython!\0")!;
        Assert.Equal("v1.14", identity.Version);
        Assert.Equal("PYBv1.1", identity.Board);
        Assert.Null(Find("PYBv1.1 with STM32F405RG\0v1.14 on 2021-02-02\0"));
    }

    [Fact]
    public void The_banner_itself_counts_more_than_another_version_before_it() =>
        Assert.Equal("v1.14", Find("libfoo v9.9 on 2001-01-01\0MicroPython v1.14 on 2021-02-02; A with STM32F405\0")!.Version);

    [Theory]
    [InlineData("")]
    [InlineData("MicroPython")]
    [InlineData("MicroPython v1.14 on ")]
    [InlineData("MicroPython v1.14 on 2021-13-02")]
    [InlineData("MicroPython 1.14 on 2021-02-02")]
    [InlineData("MicroPython on 2021-02-02")]
    [InlineData("Zephyr v1.14 on 2021-02-02")]
    public void What_says_less_is_no_identity(string text) => Assert.Null(Find(text));

    [Fact]
    public void A_banner_without_a_machine_is_still_one()
    {
        var identity = Find("MicroPython v1.14 on 2021-02-02")!;
        Assert.Null(identity.Board);
        Assert.Null(identity.Mcu);
        Assert.Equal("MicroPython v1.14 of 2021-02-02", identity.ToString());
    }

    private static FirmwareIdentity? Find(string text) =>
        FirmwareIdentity.FindAll(FirmwareImage.FromBytes(0x0800_0000, Encoding.ASCII.GetBytes(text))).SingleOrDefault();
}
