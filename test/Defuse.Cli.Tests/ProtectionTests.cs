using Defuse.Cli.Output;
using Defuse.Devices;
using Defuse.Formats;
using Defuse.Images;

namespace Defuse.Cli.Tests;

/// <summary>What is told of sectors that are write-protected, read-only or written once.</summary>
public sealed class ProtectionTests
{
    [Theory]
    [InlineData(0x0800_0000u, 0x20_0000, "write-protected: not known")]
    [InlineData(0x0810_0000u, 0x10_0000, "write-protected: none; not known of 0x08100000-0x081FFFFF")]
    public void Where_nothing_is_known_none_is_not_said(uint start, int length, string expected)
    {
        var memory = KnownTarget.OfBoard("nucleo-f767zi")!.Target.Memory;
        var protection = new MemoryProtection { ReadOut = ReadOutProtection.None, WriteProtectionUnknown = [new AddressRange(start, length)] };

        Assert.Equal(expected, ProtectionText.Of(protection, memory).Last());
    }

    [Fact]
    public async Task An_erase_of_all_with_a_protected_sector_speaks_of_no_file()
    {
        using var cli = new Cli();
        await cli.RunAsync("flash", cli.Dfu, "-d", Cli.F767);
        var refused = await cli.RunAsync("erase", "--chip", "-d", Cli.F767 + "?wrp=0");
        Assert.Equal(5, refused.ExitCode);
        Assert.DoesNotContain("file", refused.Error, StringComparison.Ordinal);
        Assert.Contains("erase only the others", refused.Error, StringComparison.Ordinal);

        var tried = await cli.RunAsync("erase", "--range", "0x08000000+1", "--allow", "protected", "-d", Cli.F767);
        Assert.Equal(6, tried.ExitCode);
        Assert.Contains("the sector is write-protected, its option bytes say", tried.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("worn out", tried.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("erase", "--chip")]
    [InlineData("unprotect", "--yes")]
    public async Task Read_only_sectors_that_are_left_out_are_told(params string[] args)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync([.. args, "-d", "sim:at32f437"]);
        Assert.Equal(0, result.ExitCode);
        Assert.Contains("8 sectors, 0x08000000-0x08007FFF, are read-only, the device says", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Otp_is_warned_of_in_the_plan_and_when_it_was_written()
    {
        const string Warning = "4 bytes would be written to one-time programmable memory, for good";
        const string Written = "4 bytes were written to one-time programmable memory, for good";
        const string Board = "sim:pybv11";
        using var cli = new Cli();
        string[] allow = ["--allow", "otp-for-good", "--no-start", "-d", Board];
        var file = Otp(cli, [0xF0, 0x0F, 0x55, 0xAA]);
        Assert.Contains(Warning, (await cli.RunAsync(["flash", file, "--dry-run", .. allow])).Out, StringComparison.Ordinal);

        var first = await cli.RunAsync(["flash", file, .. allow]);
        Assert.Contains(Written, first.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Warning, first.Error, StringComparison.Ordinal);

        var again = await cli.RunAsync(["flash", file, .. allow]);
        var refused = await cli.RunAsync(["flash", Otp(cli, [0xF0, 0x0F, 0x55, 0xFF]), .. allow]);
        Assert.Equal((0, 5), (again.ExitCode, refused.ExitCode));
        Assert.All([again, refused], x => Assert.DoesNotContain("warning", x.Error, StringComparison.Ordinal));
    }

    private static string Otp(Cli cli, byte[] bytes)
    {
        var image = new FirmwareImageBuilder();
        image.Add(0x1FFF_7800, bytes);
        return cli.Write("otp.hex", FirmwareFile.Write(FirmwareFormat.IntelHex, image.Build()));
    }
}
