using System.Text;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Inspection;

public class SectorTests
{
    // 4 of 16 KB, one of 64 KB, 3 of 128 KB.
    private static readonly MemoryMap Memory = InspectionContext.MemoryOf(
        ChipDatabase.Default.Chips.Single(x => x.Id == 0x413).Layouts.Single(x => x.Name == "512 KB"));

    [Fact]
    public void Touched_sectors_are_erased_whole_and_those_between_stay()
    {
        var report = Report(Images.Of((0x0800_0000, new byte[100]), (0x0800_0100, new byte[16]), (0x0802_0000, new byte[0x20000]), (0x2000_0000, new byte[4])));

        Assert.Equal([(0x0800_0000u, 116L, 0x4000L - 116), (0x0802_0000u, 0x20000L, 0L)], report.Touched.Select(x => (x.Sector.Range.Start, x.ImageBytes, x.Rest)));
        Assert.Equal([AddressRange.FromBounds(0x0800_4000, 0x0802_0000)], report.Kept);
        Assert.Empty(report.Losses);
        Assert.Null(report.Bootloader);
        Assert.Null(report.Replaced);
    }

    [Fact]
    public void What_shares_a_sector_with_the_image_is_lost()
    {
        var system = new byte[0x200];
        (system[0], system[510], system[511]) = (0xEB, 0x55, 0xAA);
        "FAT12   "u8.CopyTo(system.AsSpan(54));
        var erased = new byte[0x1000];
        erased.AsSpan().Fill(0xFF);
        var contents = Images.Of((0x0800_0000, new byte[0x2000]), (0x0800_2000, system), (0x0800_3000, erased), (0x0800_4000, new byte[0x10]));
        var report = Report(Images.Of((0x0800_0000, new byte[0x2000])), contents);

        Assert.Equal([new SectorLoss(new AddressRange(0x0800_2000, 0x200), "a FAT12 file system")], report.Losses);

        // Before the image and behind it: one loss, from the first byte to the last.
        var around = Images.Of((0x0800_0000, new byte[0x100]), (0x0800_2000, [1, 2, 3]));
        Assert.Equal(
            [new SectorLoss(new AddressRange(0x0800_0000, 0x2003), "data")],
            Report(Images.Of((0x0800_1000, new byte[0x100])), around).Losses);

        // The next sector is not touched, and what the image covers is not lost but replaced.
        Assert.Empty(Report(Images.Of((0x0800_0000, new byte[0x2200])), contents).Losses);
    }

    [Fact]
    public void What_is_replaced_says_what_it_is()
    {
        var old = new byte[0x3000];
        Encoding.ASCII.GetBytes("MicroPython v1.14 on 2021-02-02; PYBv1.1 with STM32F405RG\0").CopyTo(old, 0x800);
        var report = Report(Images.Of((0x0800_0000, new byte[0x2000])), Images.Of((0x0800_0000, old)));

        Assert.Equal("MicroPython v1.14 of 2021-02-02 for PYBv1.1 with STM32F405RG", report.Replaced!.ToString());
    }

    [Fact]
    public void A_boards_bootloader_is_overwritten_by_whatever_touches_its_sectors()
    {
        var area = new BootloaderArea(AddressRange.FromBounds(0x0800_0000, 0x0800_8000), "mboot");

        Assert.Equal(new SectorLoss(area.Range, "mboot"), Report(Images.Of((0x0800_0000, new byte[4])), bootloader: area).Bootloader);
        Assert.Equal(new SectorLoss(area.Range, "mboot"), Report(Images.Of((0x0800_7FF0, new byte[4])), bootloader: area).Bootloader);
        Assert.Null(Report(Images.Of((0x0800_8000, new byte[4])), bootloader: area).Bootloader);
    }

    [Fact]
    public void A_bootloader_is_seen_in_what_the_device_holds()
    {
        var contents = Images.Of((0x0800_0000, Images.Program(0x4000, 0x0800_0000)), (0x0800_8000, Images.Program(0x8000, 0x0800_8000)));
        var found = Report(Images.Of((0x0800_0000, Images.Program(0x6000, 0x0800_0000, seed: 2))), contents).Bootloader;

        Assert.Equal(AddressRange.FromBounds(0x0800_0000, 0x0800_8000), found!.Range);
        Assert.Contains("0x08008000", found.What, StringComparison.Ordinal);

        // An application goes above it; the same bootloader again is no loss; one program has none.
        Assert.Null(Report(Images.Of((0x0800_8000, Images.Program(0x6000, 0x0800_8000))), contents).Bootloader);
        Assert.Null(Report(contents, contents).Bootloader);
        Assert.Null(Report(Images.Of((0x0800_0000, new byte[64])), Images.Of((0x0800_0000, Images.Program(0x10000, 0x0800_0000)))).Bootloader);
    }

    [Fact]
    public void A_person_reads_what_stays_and_what_goes()
    {
        var contents = Images.Of((0x0800_0000, Images.Program(0x4000, 0x0800_0000)), (0x0800_8000, Images.Program(0x8000, 0x0800_8000)));
        var inspection = ImageInspection.Of(
            Images.Of((0x0800_0000, Images.Program(0x3000, 0x0800_0000, seed: 2)), (0x0802_0000, new byte[0x20000])),
            new InspectionContext { Memory = Memory, Contents = contents });

        Defuse.Testing.Golden.Check("sectors", ImageInspectionText.Render(inspection), "Inspection/Golden");
    }

    private static SectorReport Report(FirmwareImage image, FirmwareImage? contents = null, BootloaderArea? bootloader = null) =>
        ImageInspection.Of(image, new InspectionContext { Memory = Memory, Contents = contents, Bootloader = bootloader }).Sectors!;
}
