
namespace Defuse.Cli.Tests;

public class OptionBytesTests
{
    [Theory]
    [InlineData("f767zi", "sim:nucleo-f767zi?bank=dual&wrp=0")]
    [InlineData("pybv11", "sim:pybv11")]
    [InlineData("gd32f103", "sim:gd32f103")]
    [InlineData("daisy", "sim:daisy")]
    public async Task They_are_shown_by_name_or_as_bytes_or_it_is_said_that_there_are_none(string name, string device)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("option-bytes", "show", "--device", device);
        Assert.Equal((0, ""), (result.ExitCode, result.Error));
        Golden.Check($"option-bytes-{name}", cli.Scrub(result.Out));
    }

    [Fact]
    public async Task As_json_each_field_has_its_place_and_its_meaning()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("option-bytes", "-d", Cli.F767, "--json");
        var line = result.Json.First(x => x.GetProperty("type").GetString() == "option-bytes");
        var field = line.GetProperty("fields").EnumerateArray().Single(x => x.GetProperty("name").GetString() == "nDBANK");
        Assert.Equal(("0x1FFF0008", 13, "flash is in one bank"), (field.GetProperty("address").GetString(), field.GetProperty("bit").GetInt32(), field.GetProperty("meaning").GetString()));
        Assert.Equal("none", line.GetProperty("protection").GetProperty("readOut").GetString());
        Assert.Equal(96, line.GetProperty("raw")[0].GetProperty("hex").GetString()!.Length);
    }

    [Fact]
    public async Task With_details_the_bytes_are_there_too()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("option-bytes", "-d", "sim:pybv11", "-v");
        Assert.Contains("0x1FFFC000  EF AA", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_protected_chip_refuses_and_the_way_out_is_said()
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("option-bytes", "-d", "sim:pybv11?rdp=1");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("defuse unprotect", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("write")]
    [InlineData("set")]
    public async Task Nothing_but_showing_them_can_be_done_and_why_is_said(string action)
    {
        using var cli = new Cli();
        var result = await cli.RunAsync("option-bytes", action, "-d", Cli.F767);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains("option bytes are shown, and not written", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_with_bytes_for_them_is_refused_in_plain_words()
    {
        using var cli = new Cli();
        var file = cli.Write("options.hex", ":020000041FFFDC\n:04C00000EFAAFFFFA5\n:00000001FF\n"u8.ToArray());
        var result = await cli.RunAsync("flash", file, "-d", "sim:pybv11");
        Assert.Equal(5, result.ExitCode);
        Assert.Contains("in Option Bytes, which is never written: wrong option bytes close a chip for good", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_device_without_memory_has_none()
    {
        using var cli = new Cli();
        Assert.Equal(5, (await cli.RunAsync("option-bytes", "-d", "sim:maple")).ExitCode);
    }
}
