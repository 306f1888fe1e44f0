using System.Globalization;
using System.Text;
using Defuse.Core.Tests.Images;
using Defuse.Formats;

namespace Defuse.Core.Tests.Formats;

public class HexCodecTests
{
    [Fact]
    public void Records_are_decoded_and_added_up_whatever_their_lengths_are()
    {
        var random = new Random(90);
        for (var head = 1; head <= 6; head++)
        {
            for (var length = 0; length < 256; length++)
            {
                var record = RandomImages.Bytes(random, head + length + 1);
                var text = Encoding.ASCII.GetBytes(Convert.ToHexString(record) + "\r\n:ZZ" + new string('!', HexCodec.Slack));
                if (length % 2 == 0)
                {
                    text = Encoding.ASCII.GetBytes(Encoding.ASCII.GetString(text).ToLowerInvariant());
                }

                var data = new byte[length + HexCodec.Slack];
                Assert.True(HexCodec.TryDecodeRecord(text, head, length, data, out var ends, out var sum));
                Assert.Equal(record[head..^1], data[..length]);
                Assert.Equal(record[..head], BitConverter.GetBytes(ends)[..head]);
                Assert.Equal(record.Sum(x => x) & 0xFF, sum);
            }
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(16)]
    [InlineData(40)]
    public void Every_character_that_is_no_digit_is_found_wherever_it_is(int length)
    {
        var text = Encoding.ASCII.GetBytes(new string('0', (2 * (5 + length + 1)) + HexCodec.Slack));
        var data = new byte[length + HexCodec.Slack];
        for (var at = 0; at < 2 * (5 + length + 1); at++)
        {
            for (var value = 0; value < 256; value++)
            {
                text[at] = (byte)value;
                Assert.Equal(char.IsAsciiHexDigit((char)value), HexCodec.TryDecodeRecord(text, 5, length, data, out _, out _));
            }

            text[at] = (byte)'0';
        }
    }

    [Fact]
    public void Bytes_are_encoded_and_added_up_whatever_their_number_is()
    {
        var random = new Random(91);
        for (var length = 0; length < 256; length++)
        {
            var bytes = RandomImages.Bytes(random, length);
            var digits = new byte[(2 * length) + 1];
            Assert.Equal(bytes.Sum(x => x) & 0xFF, HexCodec.Encode(bytes, digits));
            Assert.Equal(Convert.ToHexString(bytes) + "\0", Encoding.ASCII.GetString(digits));
            Assert.Equal(length.ToString("X2", CultureInfo.InvariantCulture), Encoding.ASCII.GetString(BitConverter.GetBytes(HexCodec.Encode((byte)length))));
        }
    }
}
