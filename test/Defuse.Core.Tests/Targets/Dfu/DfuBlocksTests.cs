using Defuse.Images;
using Defuse.Targets.Dfu;

namespace Defuse.Core.Tests.Targets.Dfu;

public sealed class DfuBlocksTests
{
    [Fact]
    public void Full_blocks_count_up_and_a_short_last_block_begins_anew() =>
        Assert.Equal([2, 3, 4, 2], Numbered(new AddressRange(0x08000000, (3 * 2048) + 5), 2048).Select(x => (int)x.Number));

    [Fact]
    public void A_run_shorter_than_a_block_is_one_block() =>
        Assert.Equal([new AddressRange(0x08000004, 7)], DfuBlocks.Of(new AddressRange(0x08000004, 7), 1024));

    [Fact]
    public void The_count_begins_anew_before_block_65535()
    {
        var blocks = Numbered(new AddressRange(0x90000000, 64 * 140_000), 64).Select(x => x.Number).ToList();

        Assert.Equal(140_000, blocks.Count);
        Assert.Equal(65_534, blocks.Max());
        Assert.Equal(2, blocks.Min());
        Assert.Equal(65_534, blocks[65_532]);
        Assert.Equal(2, blocks[65_533]);
        Assert.Equal(3, blocks.Count(x => x == 2));
    }

    [Fact]
    public void Blocks_follow_each_other_without_gap_whatever_the_run()
    {
        var random = new Random(7);
        for (var i = 0; i < 2_000; i++)
        {
            var size = random.Next(1, 4097);
            var range = new AddressRange((uint)random.NextInt64(0, 0xFFF00000), random.Next(1, 200_000));
            long next = range.Start;
            uint pointer = 0;
            foreach (var (number, block) in Numbered(range, size))
            {
                pointer = number == 2 ? block.Start : pointer;
                Assert.Equal(next, block.Start);
                Assert.InRange(block.Length, 1, size);

                // Where the device puts it (AN3156): pointer + (wBlockNum - 2) * wTransferSize.
                Assert.Equal(block.Start, pointer + ((number - 2L) * size));
                next = block.End;
            }

            Assert.Equal(range.End, next);
        }
    }

    [Fact]
    public void A_block_that_does_not_continue_what_was_begun_has_no_number()
    {
        var numbers = new DfuBlockNumbers(1024);
        Assert.Null(numbers.Of(0x08000400, 1024));

        numbers.PointTo(0x08000000);
        Assert.Equal<ushort?>(3, numbers.Of(0x08000400, 1024));
        Assert.Null(numbers.Of(0x08000400, 1020));
        Assert.Null(numbers.Of(0x08000500, 1024));
        Assert.Null(numbers.Of(0x08000000, 1024));
        Assert.Null(numbers.Of(0x07FFFC00, 1024));

        numbers.Forget();
        Assert.Null(numbers.Of(0x08000400, 1024));
    }

    [Fact]
    public void The_end_of_the_address_space_is_reached() =>
        Assert.Equal(0x1_0000_0000, DfuBlocks.Of(new AddressRange(0xFFFFF000, 0x1000), 2048).Last().End);

    private static IEnumerable<(ushort Number, AddressRange Range)> Numbered(AddressRange range, int blockSize)
    {
        var numbers = new DfuBlockNumbers(blockSize);
        foreach (var block in DfuBlocks.Of(range, blockSize))
        {
            var number = numbers.Of(block.Start, (int)block.Length);
            if (number is null)
            {
                numbers.PointTo(block.Start);
            }

            yield return (number ?? 2, block);
        }
    }
}
