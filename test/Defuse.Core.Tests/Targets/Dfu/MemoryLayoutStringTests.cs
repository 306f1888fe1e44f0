using Defuse.Devices;
using Defuse.Targets.Dfu;

namespace Defuse.Core.Tests.Targets.Dfu;

public sealed class MemoryLayoutStringTests
{
    // Strings as devices send them (and, where none was captured, as documents have them), each with the region's
    // name, its runs as start:count*size:access.
    public static TheoryData<string, string, string> Captured => new()
    {
        { "@Internal Flash  /0x08000000/128*002Kg", "Internal Flash", "08000000:128*2048:7" },
        { "@Option Bytes  /0x1FFFF800/01*016 g", "Option Bytes", "1FFFF800:1*16:7" },
        { "@Option Bytes  /0x1FFFF800/01*016 e", "Option Bytes", "1FFFF800:1*16:5" },
        { "@Internal Flash  /0x08000000/032*0001Kg", "Internal Flash", "08000000:32*1024:7" },
        { "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", "Internal Flash", "08000000:4*16384:7 08010000:1*65536:7 08020000:7*131072:7" },
        { "@OTP Memory /0x1FFF7800/01*512 g,01*016 g", "OTP Memory", "1FFF7800:1*512:7 1FFF7A00:1*16:7" },
        { "@Device Feature/0xFFFF0000/01*004 g", "Device Feature", "FFFF0000:1*4:7" },
        {
            "@Internal Flash /0x08000000/04*016Kg,01*064Kg,07*128Kg,04*016Kg,01*064Kg,07*128Kg", "Internal Flash",
            "08000000:4*16384:7 08010000:1*65536:7 08020000:7*131072:7 08100000:4*16384:7 08110000:1*65536:7 08120000:7*131072:7"
        },
        { "@Option Bytes  /0x1FFFC000/01*016 e/0x1FFEC000/01*016 e", "Option Bytes", "1FFFC000:1*16:5 1FFEC000:1*16:5" },
        { "@OTP Memory /0x1FFF7800/01*512 e,01*016 e/0x1FFE7800/01*512 e,01*016 e", "OTP Memory", "1FFF7800:1*512:5 1FFF7A00:1*16:5 1FFE7800:1*512:5 1FFE7A00:1*16:5" },
        { "@Internal Flash  /0x08000000/04*016Kg,01*64Kg,03*128Kg", "Internal Flash", "08000000:4*16384:7 08010000:1*65536:7 08020000:3*131072:7" },
        { "@OTP Memory /0x1FF07800/01*528e", "OTP Memory", "1FF07800:1*528:5" },
        { "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg", "Internal Flash", "08000000:4*32768:7 08020000:1*131072:7 08040000:7*262144:7" },
        { "@Internal Flash  /0x08000000/0128*0002Kg", "Internal Flash", "08000000:128*2048:7" },
        { "@OTP Memory /0x1FFF7000/01*0001Ke", "OTP Memory", "1FFF7000:1*1024:5" },
        { "@Internal Flash  /0x08000000/1536*128g", "Internal Flash", "08000000:1536*128:7" },
        { "@DATA Memory /0x08080000/2*3Ke", "DATA Memory", "08080000:2*3072:5" },
        { "@Internal Flash  /0x08000000/1024*256 g", "Internal Flash", "08000000:1024*256:7" },
        { "@Internal Flash   /0x08000000/64*02Kg", "Internal Flash", "08000000:64*2048:7" },
        { "@Option Bytes   /0x1FFF7800/01*40Be", "Option Bytes", "1FFF7800:1*40:5" },
        { "@Option Bytes   /0x1FFF7800/01*048 e/0x1FFFF800/01*048 e", "Option Bytes", "1FFF7800:1*48:5 1FFFF800:1*48:5" },
        { "@OTP Memory   /0x1FFF7000/01*1024 e", "OTP Memory", "1FFF7000:1*1024:5" },
        { "@Internal Flash   /0x08000000/16*128Kg", "Internal Flash", "08000000:16*131072:7" },
        { "@Option Bytes   /0x5200201C/01*128 e", "Option Bytes", "5200201C:1*128:5" },
        { "@Internal Flash  /0x8000000/06*002Kg,058*002Kg", "Internal Flash", "08000000:6*2048:7 08003000:58*2048:7" },
        { "@Internal Flash  /0x08000000/ 128*1Kg", "Internal Flash", "08000000:128*1024:7" },
        { "@Option byte   /0x1FFFF800/01*512g", "Option byte", "1FFFF800:1*512:7" },
        { "@Internal Flash   /0x08000000/08*04Ka,1000*04Kg", "Internal Flash", "08000000:8*4096:1 08008000:1000*4096:7" },
        { "@External Flash /0x90000000/998*128Kg,1*128Kg,4*128Kg,21*128Ka", "External Flash", "90000000:998*131072:7 97CC0000:1*131072:7 97CE0000:4*131072:7 97D60000:21*131072:1" },
        { "@Flash /0x90000000/64*4Kg/0x90040000/60*64Kg/0x90400000/60*64Kg", "Flash", "90000000:64*4096:7 90040000:60*65536:7 90400000:60*65536:7" },
        { "@SPI Flash : M25P64/0x00000000/64*064Kg,64*064Kg", "SPI Flash : M25P64", "00000000:64*65536:7 00400000:64*65536:7" },
        { "@DCT Flash   /0x00000000/01*016Kg", "DCT Flash", "00000000:1*16384:7" },
        { "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg\0\u4142\u00ff", "Internal Flash", "08000000:4*16384:7 08010000:1*65536:7 08020000:7*131072:7" },
        { "@Whole /0x00000000/4096*1Mg", "Whole", "00000000:4096*1048576:7" },
    };

    [Theory]
    [MemberData(nameof(Captured))]
    public void Strings_that_devices_send_are_read(string text, string name, string runs)
    {
        var region = MemoryLayoutString.TryParse(text, 3);

        Assert.NotNull(region);
        Assert.Equal(name, region.Name);
        Assert.Equal(3, region.AlternateSetting);
        Assert.Equal(runs, string.Join(' ', region.Runs.Select(x => $"{x.Range.Start:X8}:{x.Count}*{x.SectorSize}:{(int)x.Access}")));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("RAM 0x32000000")]
    [InlineData("@Internal Flash")]
    [InlineData("@Internal Flash  /")]
    [InlineData("@Internal Flash  /0x08000000")]
    [InlineData("@Internal Flash  /0x08000000/")]
    [InlineData("@Internal Flash  /0x08000000/???*08Kg")]
    [InlineData("@Internal Flash  /0x08000000/0*08Kg")]
    [InlineData("@Internal Flash  /0x08000000/04*00Kg")]
    [InlineData("@Internal Flash  /0x08000000/04*16Kz")]
    [InlineData("@Internal Flash  /0x08000000/04*16Kgg")]
    [InlineData("@Internal Flash  /08000000/04*16Kg")]
    [InlineData("@Internal Flash  /0x108000000/04*16Kg")]
    [InlineData("@Internal Flash  /0xFFFFF000/02*4Kg")]
    [InlineData("@Internal Flash  /0x08000000/99999999*1Kg")]
    [InlineData("@Internal Flash  /0x08000000/9999999*9999999Mg")]
    public void What_cannot_be_meant_is_refused(string? text) => Assert.Null(MemoryLayoutString.TryParse(text, 0));

    [Fact]
    public void Mutated_strings_give_a_region_or_nothing()
    {
        var random = new Random(20261122);
        var rows = Captured.Select(x => x.Data.Item1).ToArray();
        var regions = 0;
        for (var i = 0; i < 50_000; i++)
        {
            var text = rows[random.Next(rows.Length)].ToCharArray();
            for (var changes = random.Next(1, 4); changes > 0; changes--)
            {
                text[random.Next(text.Length)] = "@/0x*,KMBg aef\0129"[random.Next(17)];
            }

            if (MemoryLayoutString.TryParse(new string(text), 0) is { } region)
            {
                regions++;
                Assert.All(region.Runs, x => Assert.InRange(x.Range.End, 1, 0x1_0000_0000));
            }
        }

        Assert.InRange(regions, 1, 49_999);
    }

    [Fact]
    public void Sectors_are_found_by_address_and_numbered_through_the_region()
    {
        var region = MemoryLayoutString.TryParse("@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg", 0)!;

        Assert.Equal((0, 0x08000000u, 32768L), Place(region.FindSector(0x08000000)));
        Assert.Equal((3, 0x08018000u, 32768L), Place(region.FindSector(0x0801FFFF)));
        Assert.Equal((4, 0x08020000u, 131072L), Place(region.FindSector(0x08020000)));
        Assert.Equal((11, 0x081C0000u, 262144L), Place(region.FindSector(0x081FFFFF)));
        Assert.Null(region.FindSector(0x08200000));
        Assert.Null(region.FindSector(0x07FFFFFF));
        Assert.Equal(2048 * 1024, region.ByteCount);
        Assert.True(region.IsFlash);
    }

    private static (int Number, uint Start, long Length) Place(Sector? sector) =>
        (sector!.Value.Number, sector.Value.Range.Start, sector.Value.Range.Length);
}
