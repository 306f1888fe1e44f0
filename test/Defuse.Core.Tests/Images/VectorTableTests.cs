using System.Buffers.Binary;
using Defuse.Images;

namespace Defuse.Core.Tests.Images;

public class VectorTableTests
{
    private static readonly uint[] Good =
        [0x2002_0000, 0x0800_0041, 0x0800_0043, 0x0800_0045, 0, 0, 0, 0, 0, 0, 0, 0x0800_0047, 0, 0, 0x0800_0049, 0x0800_004B];

    [Fact]
    public void A_good_table_raises_no_finding()
    {
        var image = Image(Good);
        var table = VectorTable.TryRead(image, 0x0800_0000)!;
        Assert.Equal(0x2002_0000u, table.InitialStackPointer);
        Assert.Equal(0x0800_0041u, table.Reset);
        Assert.Equal(0x0800_0000u, table.Address);
        Assert.Empty(table.Check(image));
    }

    [Theory]
    [InlineData(0, 0x0800_0000u, "stack pointer 0x08000000 is not in RAM")]
    [InlineData(0, 0x2000_0000u, "stack pointer 0x20000000 is not in RAM")]
    [InlineData(0, 0x2001_FFFEu, "not a multiple of 4")]
    [InlineData(1, 0x0800_0040u, "reset vector 0x08000040 is even")]
    [InlineData(1, 0x0900_0001u, "reset vector 0x09000001 points outside the image")]
    [InlineData(1, 0x0800_0081u, "points outside the image")]
    [InlineData(1, 0xFFFF_FFFFu, "reset vector 0xFFFFFFFF is blank")]
    [InlineData(1, 0u, "reset vector 0x00000000 is blank")]
    [InlineData(3, 0x0800_0044u, "HardFault vector 0x08000044 is even")]
    [InlineData(15, 0x1234_5679u, "SysTick vector 0x12345679 points outside the image")]
    public void What_is_wrong_is_named(int index, uint word, string expected)
    {
        var words = Good.ToArray();
        words[index] = word;
        var image = Image(words);
        var finding = Assert.Single(VectorTable.TryRead(image, 0x0800_0000)!.Check(image));
        Assert.Contains(expected, finding, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0u)]
    [InlineData(0xFFFF_FFFFu)]
    public void A_blank_table_is_one_finding(uint word)
    {
        var image = Image([word, word, word, word]);
        Assert.Equal(["the vector table at 0x08000000 is blank"], VectorTable.TryRead(image, 0x0800_0000)!.Check(image));
    }

    [Fact]
    public void The_chips_own_RAM_counts_where_it_is_known()
    {
        var image = Image(Good);
        var table = VectorTable.TryRead(image, 0x0800_0000)!;
        Assert.Empty(table.Check(image, [new AddressRange(0x2000_0000, 0x2_0000)]));
        Assert.Single(table.Check(image, [new AddressRange(0x2000_0000, 0x1_0000), new AddressRange(0x1000_0000, 0x1000)]));
    }

    [Fact]
    public void The_code_may_lie_in_another_segment()
    {
        var words = Good.ToArray();
        words[1] = 0x0802_0001;
        var builder = new FirmwareImageBuilder();
        builder.Add(Image(words));
        builder.Add(0x0802_0000, [0, 0xBF]);
        var image = builder.Build();
        Assert.Empty(VectorTable.TryRead(image, 0x0800_0000)!.Check(image));
    }

    [Fact]
    public void Two_words_are_enough_and_fewer_are_none()
    {
        var image = FirmwareImage.FromBytes(0x0800_0000, new byte[8]);
        Assert.NotNull(VectorTable.TryRead(image, 0x0800_0000));
        Assert.Null(VectorTable.TryRead(image, 0x0800_0001));
        Assert.Null(VectorTable.TryRead(image, 0xFFFF_FFFC));
        Assert.Null(VectorTable.TryRead(FirmwareImage.Empty, 0));
        Assert.NotNull(VectorTable.TryRead(FirmwareImage.FromBytes(0xFFFF_FFF8, new byte[8]), 0xFFFF_FFF8));
    }

    [Fact]
    public void A_table_at_an_odd_place_is_told()
    {
        var image = FirmwareImage.FromBytes(0x0800_0010, Image(Good).Segments[0].Data.Span);
        Assert.Contains("multiple of 0x100", VectorTable.TryRead(image, 0x0800_0010)!.Check(image)[0], StringComparison.Ordinal);
    }

    private static FirmwareImage Image(uint[] words)
    {
        var bytes = new byte[0x80];
        for (var i = 0; i < words.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i * 4), words[i]);
        }

        return FirmwareImage.FromBytes(0x0800_0000, bytes);
    }
}
