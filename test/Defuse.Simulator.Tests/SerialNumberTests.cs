using System.Buffers.Binary;
using Defuse.Simulator.Roms;

namespace Defuse.Simulator.Tests;

public sealed class SerialNumberTests
{
    [Theory]
    [InlineData(0x002D0030u, 0x3334510Bu, 0x32313533u, 0, "325E35633334")] // an F4
    [InlineData(0x0023001Fu, 0x35375109u, 0x36373731u, 0x0A, "365A375A3537")] // an F412
    [InlineData(0x0025007Au, 0x42365001u, 0x20303748u, 0, "205537C24236")] // a C071
    public void The_published_examples_come_out(uint word0, uint word1, uint word2, int addend, string serial)
    {
        var id = new byte[12];
        BinaryPrimitives.WriteUInt32LittleEndian(id, word0);
        BinaryPrimitives.WriteUInt32LittleEndian(id.AsSpan(4), word1);
        BinaryPrimitives.WriteUInt32LittleEndian(id.AsSpan(8), word2);
        Assert.Equal(serial, RomSerialNumber.Of(id, (ushort)addend));
    }

    [Fact]
    public void The_H743_says_its_revision_which_is_the_same_on_every_chip()
    {
        Assert.Equal("100364500000", Wire.Board("nucleo-h743zi", 0, ("rev", "y")).SerialNumber);
        Assert.Equal("200364500000", Wire.Board("nucleo-h743zi", 0, ("rev", "v")).SerialNumber);
        Assert.Equal("200364500000", Wire.Board("nucleo-h743zi", 1, ("rev", "v")).SerialNumber);
        Assert.NotEqual(Wire.Board("nucleo-h743zi").Chip.UniqueId.ToArray(), Wire.Board("nucleo-h743zi", 1).Chip.UniqueId.ToArray());
    }

    [Theory]
    [InlineData("pybv11", 0)]
    [InlineData("nucleo-f767zi", 0x0A)]
    public void Others_have_the_serial_number_of_their_identifier_which_is_always_the_same(string name, int addend)
    {
        var first = Wire.Board(name);
        Assert.Equal(first.SerialNumber, Wire.Board(name).SerialNumber);
        Assert.Equal(RomSerialNumber.Of(first.Chip.UniqueId.Span, (ushort)addend), first.SerialNumber);
        Assert.Equal(50, Enumerable.Range(0, 50).Select(x => Wire.Board(name, x).SerialNumber).Distinct().Count());
    }
}
