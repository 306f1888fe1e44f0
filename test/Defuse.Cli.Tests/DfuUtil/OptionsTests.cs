using Defuse.Cli.DfuUtil;
using Defuse.Connections;

namespace Defuse.Cli.Tests.DfuUtil;

/// <summary>dfu-util's command line, read without a device.</summary>
public class OptionsTests
{
    [Theory]
    [InlineData("-a0 -s0x08000000:leave -Dx")]
    [InlineData("-vRa 0 -s 0x08000000:leave -D x")]
    [InlineData("-RvwDx -s0x08000000:leave -a0")]
    [InlineData("--alt 0 --dfuse-address=0x08000000:leave --download x")]
    [InlineData("--altsetting=0 --dfuse 0x08000000:leave --down=x")]
    [InlineData("-U y -l --alt=0 -s 1 -s 0x08000000:leave --download=x")]
    public void One_meaning_in_all_its_spellings(string line)
    {
        var options = DfuUtilOptions.Parse(line.Split(' '));
        Assert.Equal(
            (DfuUtilMode.Download, "x", "0", "0x08000000:leave"), (options.Mode, options.File, options.Alternate, options.DfuSe));
    }

    [Theory]
    [InlineData("-D x -l", "List")]
    [InlineData("-l -D x", "Download")]
    [InlineData("-D x -U y", "Upload")]
    [InlineData("-e -V", "Version")]
    [InlineData("-V -e", "Detach")]
    [InlineData("-s :leave", "None")]
    public void The_last_option_says_what_to_do(string line, string mode) => Assert.Equal(mode, DfuUtilOptions.Parse(line.Split(' ')).Mode.ToString());

    [Theory]
    [InlineData("0x08000000", 0x0800_0000u)]
    [InlineData("134217728", 0x0800_0000u)]
    [InlineData("0X8000000:", 0x0800_0000u)]
    [InlineData("01000000000", 0x0800_0000u)]
    [InlineData(":leave", null)]
    [InlineData("", null)]
    public void An_address_is_hexadecimal_decimal_or_octal_as_in_C(string text, uint? address) => Assert.Equal(address, DfuSeModifiers.Parse(text).Address);

    [Fact]
    public void Modifiers_come_in_any_order()
    {
        var all = DfuSeModifiers.Parse("0x08000000:force:1024:will-reset:mass-erase:leave:unprotect");
        Assert.Equal(
            new DfuSeModifiers { Address = 0x0800_0000, Length = 1024, Leave = true, Force = true, MassErase = true, Unprotect = true }, all);
    }

    [Theory]
    [InlineData("08000000", "Invalid dfuse address: 08000000")]
    [InlineData("zz", "Invalid dfuse address: zz")]
    [InlineData("0x08000000zz", "Invalid dfuse address: 0x08000000zz")]
    [InlineData("0x108000000", "Invalid dfuse address: 0x108000000")]
    [InlineData("0x08000000:foo", "Invalid dfuse modifier: foo")]
    [InlineData("0x08000000:-5", "Invalid dfuse modifier: -5")]
    [InlineData("0x08000000:0", "Invalid dfuse modifier: 0")]
    public void What_is_no_address_and_no_modifier_is_wrong_usage(string text, string message)
    {
        var e = Assert.Throws<DfuUtilException>(() => DfuSeModifiers.Parse(text));
        Assert.Equal((SysExit.Usage, message), (e.ExitCode, e.Message));
    }

    // Program, DFU mode: whether [0483:df11] is meant while it runs its program, and in DFU mode. The second column was seen
    // of dfu-util 0.11, the first is what its manual says.
    [Theory]
    [InlineData("0483:df11", true, true)]
    [InlineData("483:DF11", true, true)]
    [InlineData("0x0483:0xdf11", true, true)]
    [InlineData("1234:5678", false, true)]
    [InlineData(",0483:df11", false, true)]
    [InlineData(",", false, true)]
    [InlineData("*,-", true, false)]
    [InlineData("-,*", false, true)]
    [InlineData("1234:1,0483:df11", false, true)]
    [InlineData("0483:df11,1234:1", true, false)]
    [InlineData("0483:df11,", true, true)]
    [InlineData("0483:1,:df11", false, true)]
    [InlineData("1234:1,:df11", false, false)]
    [InlineData(":df11", true, true)]
    [InlineData("483:", true, true)]
    public void Device_ids_match(string filter, bool asProgram, bool inDfuMode)
    {
        var ids = UsbIdFilter.Parse(filter);
        Assert.Equal((asProgram, inDfuMode), (ids.Matches(true, 0x0483, 0xDF11), ids.Matches(false, 0x0483, 0xDF11)));
    }

    [Theory]
    [InlineData("-p 1-4.2", true)]
    [InlineData("-p 1-4", false)]
    [InlineData("-n 7", true)]
    [InlineData("-n 8", false)]
    [InlineData("-c 1 -i 0", true)]
    [InlineData("-c 2", false)]
    [InlineData("-i 1", false)]
    [InlineData("-S ABC", true)]
    [InlineData("-S abc", false)]
    [InlineData("-S x,ABC", true)]
    [InlineData("-S ABC,x", false)]
    [InlineData("-S x,", true)]
    public void A_device_is_known_by_what_is_named(string line, bool matches)
    {
        var device = new DfuListing
        {
            Address = ConnectionAddress.Parse("dfu:usb-1-4.2"),
            Location = "1-4.2",
            VendorId = 0x0483,
            ProductId = 0xDF11,
            DeviceAddress = 7,
            Configuration = 1,
            SerialNumber = "ABC",
        };
        Assert.Equal(matches, DfuUtilOptions.Parse(line.Split(' ')).Matches(device));
    }

    // What cannot be one that is meant is not opened: another program may be at work on it.
    [Theory]
    [InlineData("-l", true)]
    [InlineData("-p 1-4.2", true)]
    [InlineData("-p 1-4", false)]
    [InlineData("-p 2", true)]
    [InlineData("-S ABC", true)]
    [InlineData("-S x", false)]
    [InlineData("-S x,", true)]
    [InlineData("-d ,0483:df11", true)]
    [InlineData("-d ,0483:df12", false)]
    [InlineData("-n 9 -c 9 -i 9 -a 9", true)]
    public void A_board_is_opened_only_if_it_may_be_meant(string line, bool expected)
    {
        var board = new BoardInfo { Address = ConnectionAddress.Parse("dfu:usb-1-4.2"), Name = "STM32  BOOTLOADER", UsbId = "0483:df11", SerialNumber = "ABC" };
        var options = DfuUtilOptions.Parse(line.Split(' '));
        Assert.Equal(expected, options.MayMatch(board));
        Assert.True(options.MayMatch(board with { Address = ConnectionAddress.Parse("dfu:usb-1-4.2"), UsbId = null, SerialNumber = null }) || line is "-p 1-4");
    }

    [Theory]
    [InlineData("1", true)]
    [InlineData("0x1", true)]
    [InlineData("0", false)]
    [InlineData("@Option Bytes  /0x1FFF0000/01*048 e", true)]
    [InlineData("@Option Bytes", false)]
    public void An_alternate_setting_is_known_by_its_number_or_its_whole_name(string given, bool matches)
    {
        var device = new DfuListing { Address = ConnectionAddress.Parse("dfu:usb-1-1"), Location = "1-1", VendorId = 1, ProductId = 1 };
        Assert.Equal(matches, DfuUtilOptions.Parse(["-a", given]).Matches(device, new DfuMemoryName(1, "@Option Bytes  /0x1FFF0000/01*048 e")));
    }

    [Theory]
    [InlineData("/opt/tools/dfu-util", true)]
    [InlineData("dfu-util.exe", true)]
    [InlineData("DFU-UTIL.EXE", true)]
    [InlineData("/usr/bin/defuse", false)]
    [InlineData("dfu-suffix", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void The_name_of_the_program_is_a_way_to_call_it(string? path, bool expected) => Assert.Equal(expected, ProgramName.IsDfuUtil(path));
}
