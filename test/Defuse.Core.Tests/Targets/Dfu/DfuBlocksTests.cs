using Defuse.Images;
using Defuse.Targets.Dfu;

namespace Defuse.Core.Tests.Targets.Dfu;

public sealed class DfuBlocksTests
{
    [Fact]
    public void Full_blocks_count_up_and_a_short_last_block_begins_anew()
    {
        var blocks = DfuBlocks.Of(new AddressRange(0x08000000, (3 * 2048) + 5), 2048).ToList();

        Assert.Equal([2, 3, 4, 2], blocks.Select(x => (int)x.Number));
        Assert.Equal(new AddressRange(0x08001800, 5), blocks[^1].Range);
    }

    [Fact]
    public void A_run_shorter_than_a_block_is_one_block() =>
        Assert.Equal([new DfuBlock(2, new AddressRange(0x08000004, 7))], DfuBlocks.Of(new AddressRange(0x08000004, 7), 1024));

    [Fact]
    public void The_count_begins_anew_before_block_65535()
    {
        var blocks = DfuBlocks.Of(new AddressRange(0x90000000, 64 * 140_000), 64).ToList();

        Assert.Equal(140_000, blocks.Count);
        Assert.Equal(65_534, blocks.Max(x => x.Number));
        Assert.Equal(2, blocks.Min(x => x.Number));
        Assert.Equal(65_534, blocks[65_532].Number);
        Assert.Equal(2, blocks[65_533].Number);
        Assert.Equal(3, blocks.Count(x => x.Number == 2));
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
            foreach (var block in DfuBlocks.Of(range, size))
            {
                pointer = block.Number == 2 ? block.Range.Start : pointer;
                Assert.Equal(next, block.Range.Start);
                Assert.InRange(block.Range.Length, 1, size);

                // Where the device puts it (AN3156): pointer + (wBlockNum - 2) * wTransferSize.
                Assert.Equal(block.Range.Start, pointer + ((block.Number - 2L) * size));
                next = block.Range.End;
            }

            Assert.Equal(range.End, next);
        }
    }

    [Fact]
    public void The_end_of_the_address_space_is_reached() =>
        Assert.Equal(0x1_0000_0000, DfuBlocks.Of(new AddressRange(0xFFFFF000, 0x1000), 2048).Last().Range.End);
}
