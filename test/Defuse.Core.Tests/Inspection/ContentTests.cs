using System.Text;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Inspection;

public class ContentTests
{
    [Fact]
    public void Erased_ends_do_not_count_and_blank_runs_are_found()
    {
        var bytes = Images.Program(0x4000, Images.Flash);
        bytes.AsSpan(0x1000, 0x800).Clear();
        bytes.AsSpan(0x3000).Fill(0xFF);
        var used = bytes.AsSpan(0, 0x3000).LastIndexOfAnyExcept((byte)0xFF) + 1;
        var content = ImageInspection.Of(Images.Of((Images.Flash, bytes))).Content;

        Assert.Equal(0x4000, content.ByteCount);
        Assert.Equal(used, content.UsedBytes);
        Assert.Equal(new AddressRange(Images.Flash, used), content.Used);
        Assert.Equal(2, content.Blanks.Length);
        Assert.Equal(0x00, content.Blanks[0].Value);
        Assert.True(content.Blanks[0].Range.Contains(new AddressRange(Images.Flash + 0x1000, 0x800)));
        Assert.Equal(0xFF, content.Blanks[1].Value);
        Assert.Equal(Images.Flash + 0x4000, content.Blanks[1].Range.End);
    }

    [Fact]
    public void Erased_segments_at_either_end_count_as_ends()
    {
        var image = Images.Of((0x100, Filled(16, 0xFF)), (0x200, [0xFF, 1, 2, 0xFF]), (0x300, [3]), (0x400, Filled(8, 0xFF)));
        var content = ImageInspection.Of(image).Content;

        Assert.Equal(AddressRange.FromBounds(0x201, 0x301), content.Used);
        Assert.Equal(4, content.UsedBytes);
        Assert.Equal([AddressRange.FromBounds(0x110, 0x200), AddressRange.FromBounds(0x204, 0x300), AddressRange.FromBounds(0x301, 0x400)], content.Gaps);
        Assert.Null(ImageInspection.Of(Images.Of((0x100, Filled(16, 0xFF)))).Content.Used);
    }

    [Fact]
    public void Random_bytes_look_packed_and_text_and_even_tables_do_not()
    {
        var random = new byte[0x8000];
        new Random(7).NextBytes(random);
        var even = Enumerable.Range(0, 0x8000).Select(x => unchecked((byte)(x * 37))).ToArray();
        var text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("some words of a text, again and again. ", 1000)))[..0x8000];
        var content = ImageInspection.Of(Images.Of((0x0800_0000, [.. text, .. random, .. text]), (0x0900_0000, even))).Content;

        Assert.Equal([new AddressRange(0x0800_8000, 0x8000)], content.Packed);
        Assert.Empty(ImageInspection.Of(Images.Of((0x0800_0000, random[..0x3000]))).Content.Packed);
        Assert.Equal([new AddressRange(0x0800_0000, 0x8000)], ImageInspection.Of(Images.Of((0x0800_0000, random))).Content.Packed);
    }

    [Fact]
    public void Entropy_is_in_bits_a_byte()
    {
        Assert.Equal(8, ImageInspection.Of(Images.Of((0, Enumerable.Range(0, 1024).Select(x => (byte)(x % 256)).ToArray()))).Content.Entropy, 9);
        Assert.Equal(1, ImageInspection.Of(Images.Of((0, [1, 2, 1, 2]))).Content.Entropy, 9);
        Assert.Equal(0, ImageInspection.Of(Images.Of((0, Filled(100, 7)))).Content.Entropy);
    }

    [Fact]
    public void File_systems_are_known_by_their_first_block()
    {
        var bytes = new byte[0x4000];
        void Put(int at, params byte[] data) => data.CopyTo(bytes, at);
        Put(0x1000, 0xEB, 0x3C, 0x90);
        Put(0x1000 + 54, "FAT12   "u8.ToArray());
        Put(0x1000 + 510, 0x55, 0xAA);
        Put(0x2008, "littlefs"u8.ToArray());

        // A template of a boot sector, such as formatting code has, and a name in passing.
        Put(0x3000, 0xEB, 0x3C, 0x90);
        Put(0x3036, "FAT16   "u8.ToArray());
        Put(0x3210, "littlefs"u8.ToArray());

        Assert.Equal(
            [new FileSystemTrace("FAT12", Images.Flash + 0x1000), new FileSystemTrace("littlefs", Images.Flash + 0x2000)],
            ImageInspection.Of(Images.Of((Images.Flash, bytes))).Content.FileSystems);
    }

    [Fact]
    public void An_image_that_repeats_itself_is_told()
    {
        var once = Images.Program(0x1000, Images.Flash);
        Assert.True(ImageInspection.Of(Images.Of((Images.Flash, [.. once, .. once]))).Content.IsDoubled);
        Assert.False(ImageInspection.Of(Images.Of((Images.Flash, once))).Content.IsDoubled);
        Assert.False(ImageInspection.Of(Images.Of((Images.Flash, Filled(0x2000, 0xFF)))).Content.IsDoubled);
    }

    private static byte[] Filled(int count, byte value)
    {
        var bytes = new byte[count];
        bytes.AsSpan().Fill(value);
        return bytes;
    }
}
