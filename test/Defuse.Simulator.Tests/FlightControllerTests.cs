using System.Text;

namespace Defuse.Simulator.Tests;

/// <summary>Betaflight's MSP and command line, and ArduPilot's MAVLink, as their documents have them.</summary>
public sealed class FlightControllerTests
{
    // HEARTBEAT of system 1 in version 2, but for its sequence number and checksum.
    private static readonly byte[] Beat = [1, 1, 0, 0, 0, 0, 0, 0, 0, 2, 3, 81, 3, 3];

    [Fact]
    public async Task Betaflight_says_what_it_is()
    {
        await using var bench = await SerialBench.OpenAsync("betaflight", "pybv11");

        await bench.WriteAsync([.. "$M<"u8, 0, 1, 1, .. "$M<"u8, 0, 2, 2, .. "$M<"u8, 0, 3, 3]);

        Assert.Equal(
            [.. "$M>"u8, 3, 1, 0, 1, 46, 3 ^ 1 ^ 1 ^ 46, .. "$M>"u8, 4, 2, .. "BTFL"u8, 4 ^ 2 ^ 'B' ^ 'T' ^ 'F' ^ 'L', .. "$M>"u8, 3, 3, 4, 5, 1, 0],
            await bench.WithinASecondAsync());
    }

    [Theory]
    [InlineData(new byte[] { 0x24, 0x4D, 0x3C, 1, 68, 1, 68 ^ 1 ^ 1 })]
    [InlineData(new byte[] { (byte)'R' })]
    [InlineData(new byte[] { (byte)'#', (byte)'\n', (byte)'b', (byte)'l', (byte)'\r', (byte)'\n' })]
    public async Task Betaflight_starts_the_ROM(byte[] bytes)
    {
        await using var bench = await SerialBench.OpenAsync("betaflight", "pybv11");
        await bench.WriteAsync(bytes);
        if (bytes[0] == '$')
        {
            Assert.Equal("$M>\x01" + "D\x01" + "D", await bench.UntilAsync("D\x01" + "D"));
        }

        await bench.BecomesTheRomAsync();
    }

    [Theory]
    [InlineData(new byte[] { 0x24, 0x4D, 0x3C, 1, 68, 1, 0 }, "")] // wrong checksum
    [InlineData(new byte[] { 0x24, 0x4D, 0x3E, 1, 68, 1, 68 }, "")] // an answer, not a question
    [InlineData(new byte[] { 0x24, 0x4D, 0x3C, 1, 68, 9, 68 ^ 1 ^ 9 }, "$M!\0DD")]
    [InlineData(new byte[] { 0x24, 0x4D, 0x3C, 0, 250, 250 }, "$M!\0\u00FA\u00FA")]
    [InlineData(new byte[] { 0x24, 0x4D, 0x3C, 3, 250, (byte)'R', (byte)'R', (byte)'R', 0 }, "")] // R inside a frame
    public async Task Betaflight_stays_where_it_is_told_nothing_that_it_knows(byte[] bytes, string answer)
    {
        await using var bench = await SerialBench.OpenAsync("betaflight", "pybv11");
        await bench.WriteAsync(bytes);
        Assert.Equal(answer, Encoding.Latin1.GetString(await bench.WithinASecondAsync()));
        Assert.Equal(0x5740, await bench.ProductIdAsync());
    }

    [Fact]
    public async Task Betaflights_command_line_takes_MSP_for_text_and_only_leaving_ends_it()
    {
        await using var bench = await SerialBench.OpenAsync("betaflight", "pybv11");
        Assert.EndsWith("\r\n# ", await bench.AskAsync("#", "# "), StringComparison.Ordinal);

        Assert.Equal("$M<DD", Encoding.Latin1.GetString(await AfterAsync(bench, [.. "$M<"u8, 1, 68, 1, 68])));
        await bench.AskAsync("R\r", "HELP'###\r\n\r\n# ");
        Assert.Contains("Betaflight / STM32F405", await bench.AskAsync("version\r", "\r\n\r\n# "), StringComparison.Ordinal);
        await bench.WriteAsync("exit\r");
        await bench.GoesAsync();
        await bench.ReopenAsync();
        await bench.WriteAsync([.. "$M<"u8, 0, 2, 2]);
        Assert.Contains("BTFL", await bench.UntilAsync("BTFL"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ArduPilots_heart_beats_once_a_second()
    {
        await using var bench = await SerialBench.OpenAsync("ardupilot", "pybv11");
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(3.5), bench.Port.Time);
        var got = new List<byte>();
        var buffer = new byte[64];
        try
        {
            while (true)
            {
                got.AddRange(buffer[..await bench.Port.ReadAsync(buffer, patience.Token)]);
            }
        }
        catch (OperationCanceledException)
        {
            Assert.InRange(got.Count, 3 * 21, 4 * 21);
        }

        Assert.Equal([0xFD, 9, 0, 0, 0], got[..5]);
        Assert.Equal(Beat, got[5..19]);

        // The checksum of the first one, by another program.
        Assert.Equal(Crc(got[1..19], 50), got[19] | (got[20] << 8));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ArduPilot_starts_the_ROM_by_either_version(bool second)
    {
        await using var bench = await SerialBench.OpenAsync("ardupilot", "pybv11");
        await bench.WriteAsync([0xFE, 0x00, .. Command(second, 246, 1, 42, 24, 71, 99)]);
        await bench.BecomesTheRomAsync();
    }

    [Fact]
    public async Task ArduPilot_that_is_asked_twice_starts_the_ROM_once()
    {
        await using var bench = await SerialBench.OpenAsync("ardupilot", "pybv11");
        var again = Command(false, 246, 1, 42, 24, 71, 99);
        await bench.WriteAsync([.. again, .. again]);
        await bench.BecomesTheRomAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), bench.Board.Clock, TestContext.Current.CancellationToken);
        Assert.Equal(0xDF11, await bench.ProductIdAsync());
    }

    [Fact]
    public async Task ArduPilot_that_is_busy_takes_the_second_order()
    {
        await using var bench = await SerialBench.OpenAsync("ardupilot-busy", "pybv11");
        await bench.WriteAsync(Command(true, 246, 1, 42, 24, 71, 99));
        await bench.WithinASecondAsync();
        Assert.Equal(0x5741, await bench.ProductIdAsync());
        await bench.WriteAsync(Command(true, 246, 1, 42, 24, 71, 99));
        await bench.BecomesTheRomAsync();
    }

    [Fact]
    public async Task ArduPilot_ignores_a_wrong_checksum_and_what_is_for_another()
    {
        await using var bench = await SerialBench.OpenAsync("ardupilot", "pybv11");
        var bad = Command(true, 246, 1, 42, 24, 71, 99);
        bad[^1] ^= 1;
        await bench.WriteAsync(bad);
        await bench.WriteAsync(Command(true, 246, 2, 42, 24, 71, 99));
        Assert.DoesNotContain(Encoding.Latin1.GetString([77, 0, 0]), Encoding.Latin1.GetString(await bench.WithinASecondAsync()), StringComparison.Ordinal);
        Assert.Equal(0x5741, await bench.ProductIdAsync());
    }

    [Fact]
    public async Task ArduPilot_that_was_built_without_it_says_so_and_stays()
    {
        await using var bench = await SerialBench.OpenAsync("ardupilot-nodfu", "pybv11");
        await bench.WriteAsync(Command(true, 246, 1, 42, 24, 71, 99));

        // COMMAND_ACK: 246, MAV_RESULT_UNSUPPORTED.
        Assert.Contains(Encoding.Latin1.GetString([1, 1, 77, 0, 0, 246, 0, 3]), Encoding.Latin1.GetString(await bench.WithinASecondAsync()), StringComparison.Ordinal);
        Assert.Equal(0x5741, await bench.ProductIdAsync());
    }

    [Fact]
    public async Task ArduPilot_on_an_H7_goes_dark_until_it_is_plugged_in_anew()
    {
        await using var bench = await SerialBench.OpenAsync("ardupilot", "nucleo-h743zi");
        await bench.WriteAsync(Command(true, 246, 1, 42, 24, 71, 99));
        await bench.GoesAsync();
        await Task.Delay(TimeSpan.FromSeconds(5), bench.Board.Clock, TestContext.Current.CancellationToken);
        Assert.Null(bench.Board.Peripheral);
        Assert.Equal(0x5741, await bench.ProductIdAsync());
    }

    private static async Task<byte[]> AfterAsync(SerialBench bench, byte[] bytes)
    {
        await bench.WriteAsync(bytes);
        return await bench.WithinASecondAsync();
    }

    // COMMAND_LONG (76) of a ground station, 255/190: seven floats, the command, target system and component, confirmation.
    private static byte[] Command(bool second, ushort command, byte target, params float[] parameters)
    {
        byte[] payload =
        [
            .. parameters.Concat(new float[7]).Take(7).SelectMany(BitConverter.GetBytes), .. BitConverter.GetBytes(command), target, 1, 0,
        ];
        byte[] body = second
            ? [32, 0, 0, 7, 255, 190, 76, 0, 0, .. payload[..32]]
            : [33, 7, 255, 190, 76, .. payload];
        return [(byte)(second ? 0xFD : 0xFE), .. body, .. BitConverter.GetBytes(Crc(body, 152))];
    }

    // Written after the guide's own few lines, other than the simulator's.
    private static ushort Crc(IEnumerable<byte> bytes, byte extra)
    {
        var crc = 0xFFFF;
        foreach (var value in bytes.Append(extra))
        {
            var x = (value ^ crc) & 0xFF;
            x = (x ^ (x << 4)) & 0xFF;
            crc = ((crc >> 8) ^ (x << 8) ^ (x << 3) ^ (x >> 4)) & 0xFFFF;
        }

        return (ushort)crc;
    }
}
