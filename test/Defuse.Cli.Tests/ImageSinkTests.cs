namespace Defuse.Cli.Tests;

/// <summary>Plain DFU devices on the command line.</summary>
public sealed class ImageSinkTests
{
    [Fact]
    public async Task An_image_that_cannot_be_read_back_ends_with_8()
    {
        using var cli = new Cli();

        var result = await cli.RunAsync("flash", cli.Sample("blinky.bin"), "-d", "sim:dfu11-tolerant");

        Assert.Equal(8, result.ExitCode);
        Assert.Contains("the device took the image, which cannot be read back", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plan_names_the_alternate_setting()
    {
        using var cli = new Cli();

        var result = await cli.RunAsync("flash", cli.Sample("blinky.bin"), "-d", "sim:maple", "--alt", "2", "--dry-run");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("send     1056 bytes as one image to alternate setting 2, STM32duino bootloader v1.0  Upload to Flash 0x8002000", result.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_an_alternate_setting_the_choice_is_shown()
    {
        using var cli = new Cli();

        var result = await cli.RunAsync("flash", cli.Sample("blinky.bin"), "-d", "sim:maple");

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("--alt 1 (STM32duino bootloader v1.0  Upload to Flash 0x8005000)", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("flash", "blinky.bin", "-d", "sim:dfu11-tolerant", "--address", "0x08002000")]
    [InlineData("flash", "blinky.dfu", "-d", Cli.F767, "--alt", "0")]
    public async Task What_makes_no_sense_on_such_a_device_is_usage(params string[] args)
    {
        using var cli = new Cli();

        var result = await cli.RunAsync([.. args.Select(x => x.StartsWith("blinky", StringComparison.Ordinal) ? cli.Sample(x) : x)]);

        Assert.Equal(2, result.ExitCode);
    }

    [Theory]
    [InlineData("verify", "blinky.dfu")]
    [InlineData("verify", "blinky.bin")]
    [InlineData("read", "-o", "x.bin")]
    [InlineData("option-bytes")]
    [InlineData("info", "blinky.dfu")]
    [InlineData("unprotect")]
    [InlineData("unprotect", "--yes")]
    [InlineData("flash", "blinky.bin", "--keep", "unwritten")]
    [InlineData("flash", "blinky.bin", "--backup", "x.hex")]
    [InlineData("erase", "--chip")]
    [InlineData("start")]
    [InlineData("read", "-o", "x.bin", "--range", "0x08000000+16")]
    public async Task What_needs_memory_is_refused_with_5(params string[] args)
    {
        using var cli = new Cli();

        var result = await cli.RunAsync([.. args.Select(x => x.StartsWith("blinky", StringComparison.Ordinal) ? cli.Sample(x) : x), "-d", "sim:dfu11-tolerant"]);

        Assert.Equal(5, result.ExitCode);
        Assert.Contains("this device takes one whole image, and lets nobody at its memory", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Info_tells_what_it_takes()
    {
        using var cli = new Cli();

        var result = await cli.RunAsync("info", "-d", "sim:maple");

        Assert.Equal(0, result.ExitCode);
        Assert.Contains("slot 2     takes a whole image: STM32duino bootloader v1.0  Upload to Flash 0x8002000", result.Out, StringComparison.Ordinal);
    }
}
