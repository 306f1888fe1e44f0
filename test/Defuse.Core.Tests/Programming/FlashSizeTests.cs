using System.Buffers.Binary;
using Defuse.Core.Tests.Planning;
using Defuse.Devices;
using Defuse.Programming;
using Defuse.Transports;

namespace Defuse.Core.Tests.Programming;

/// <summary>How much flash there is, and whether that is a guess.</summary>
public class FlashSizeTests
{
    [Fact]
    public async Task A_ROM_that_is_known_to_announce_too_much_makes_it_a_guess()
    {
        using var bench = new Bench("nucleo-h743zi");
        await using var target = await bench.OpenAsync();

        var size = await new Programmer(target).FindFlashSizeAsync(Bench.Cancel);

        Assert.Equal((2 * 1024 * 1024L, true, true), (size!.Bytes, size.IsGuess, size.IsKnownToBeGeneric));
        Assert.Contains("flash-size register cannot be read", size.Evidence, StringComparison.Ordinal);

        // Having been refused, the device is ready again.
        Assert.Equal(FlashOutcome.Verified, (await new Programmer(target).EraseAsync(new(0x08000000, 1), new(), null, Bench.Cancel)).Outcome);
    }

    [Theory]
    [InlineData(1024, false)]
    [InlineData(1234, true)]
    public async Task A_register_that_can_be_read_settles_it_unless_it_says_nonsense(int kilobytes, bool isGuess)
    {
        // No simulated ROM shows it: the upload behind the register's address is answered here.
        using var bench = new Bench("nucleo-h743zi");
        await using var target = await bench.OpenAsync();
        var word = new byte[4];
        BinaryPrimitives.WriteUInt16LittleEndian(word, (ushort)kilobytes);
        var isAsked = false;
        bench.Wire.Intercept = (_, setup) =>
        {
            isAsked |= setup is { Request: 1, Value: 0, Length: 5 };
            return setup.Request switch
            {
                1 or 6 when isAsked => UsbControlResponse.Ack,
                3 => new UsbControlResponse(UsbControlStatus.Ack, new byte[] { 0, 0, 0, 0, 5, 0 }),
                5 => new UsbControlResponse(UsbControlStatus.Ack, new byte[] { 2 }),
                2 => new UsbControlResponse(UsbControlStatus.Ack, word.AsMemory(0, setup.Length)),
                _ => null,
            };
        };

        var size = await new Programmer(target).FindFlashSizeAsync(Bench.Cancel);

        Assert.Equal(isGuess, size!.IsGuess);
        Assert.Equal(isGuess ? 2 * 1024 * 1024L : kilobytes * 1024L, size.Bytes);
    }

    [Fact]
    public void A_part_that_somebody_named_has_what_it_has()
    {
        var match = ChipDatabase.Default.FindPart("STM32H750VB")!;

        Assert.Equal(new FlashSize(128 * 1024, "STM32H750VB has as much", IsGuess: false), match.Chip.ToTarget(part: match.Part).FlashSize);
    }
}
