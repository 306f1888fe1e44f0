using Defuse.Images;

namespace Defuse.Cli.Tests;

public class NumbersTests
{
    [Theory]
    [InlineData("0x08000000", 0x08000000u)]
    [InlineData("0X0800_0000", 0x08000000u)]
    [InlineData("134217728", 0x08000000u)]
    [InlineData("134_217_728", 0x08000000u)]
    [InlineData("0xFFFFFFFF", 0xFFFFFFFFu)]
    [InlineData("0", 0u)]
    public void An_address_is_read(string text, uint expected)
    {
        Assert.True(Numbers.TryParseAddress(text, out var address));
        Assert.Equal(expected, address);
    }

    [Theory]
    [InlineData("")]
    [InlineData("0x")]
    [InlineData("0x100000000")]
    [InlineData("4294967296")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData(" 1")]
    [InlineData("_1")]
    [InlineData("1_")]
    [InlineData("0x_1")]
    [InlineData("08000000h")]
    [InlineData("08000000")]
    [InlineData("0_1")]
    [InlineData("1K")]
    [InlineData("0xFFFFFFFFFFFFFFFF")]
    public void What_is_no_address_is_refused(string text) => Assert.False(Numbers.TryParseAddress(text, out _));

    [Theory]
    [InlineData("1", 1L)]
    [InlineData("128K", 131072L)]
    [InlineData("2m", 2097152L)]
    [InlineData("0x20K", 32768L)]
    [InlineData("4096M", 0x1_0000_0000L)]
    public void A_length_is_read(string text, long expected)
    {
        Assert.True(Numbers.TryParseLength(text, out var length));
        Assert.Equal(expected, length);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("K")]
    [InlineData("4097M")]
    [InlineData("1KB")]
    [InlineData("99999999999999999999K")]
    [InlineData("9223372036854775807M")]
    public void What_is_no_length_is_refused(string text) => Assert.False(Numbers.TryParseLength(text, out _));

    [Fact]
    public void A_range_is_start_plus_length()
    {
        Assert.True(Numbers.TryParseRange("0x0800_8000+32K", out var range));
        Assert.Equal(new AddressRange(0x08008000, 32768), range);
    }

    [Theory]
    [InlineData("0x08000000")]
    [InlineData("0x08000000+")]
    [InlineData("+1K")]
    [InlineData("0x08000000-0x08001000")]
    [InlineData("0xFFFFFFFF+2")]
    public void What_is_no_range_is_refused(string text) => Assert.False(Numbers.TryParseRange(text, out _));
}
