using System.Collections.Immutable;
using System.Text;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Inspection;

public class ChipFitTests
{
    private static readonly ChipDatabase Chips = new(
    [
        Chip(0x423, "STM32F401xB/C", ["F401"], 64, 256),
        Chip(0x433, "STM32F401xD/E", ["F401"], 96, 384, 512),
        Chip(0x413, "STM32F405/F407", ["F405", "F407"], 128, 512, 1024),
        Chip(0x451, "STM32F767", ["F767"], 512, 1024, 2048),
        Chip(0x417, "STM32L05", ["L051", "L053"], 8, 32, 64),
    ]);

    [Fact]
    public void Size_decides_where_nothing_else_does()
    {
        var fits = Fits(Images.Of((Images.Flash, Images.Program(300 * 1024, Images.Flash))));

        Assert.Equal("STM32F4 with 384 KB or more and STM32F767", ChipFitText.Fits(fits));
        Assert.Equal("STM32F401xB/C: 44 KB from 0x08040000 on lie outside its flash of 256 KB", ChipFitText.Near(fits));
        Assert.Equal(9, fits.Length);
        var misfit = fits.First(x => x.Chip.Id == 0x423).Misfits.Single();
        Assert.Equal((ChipMisfitKind.Outside, (AddressRange?)AddressRange.FromBounds(0x0804_0000, 0x0804_B000)), (misfit.Kind, misfit.Range));
    }

    [Fact]
    public void The_stack_pointer_rules_out_chips_without_RAM_there()
    {
        var fits = Fits(Images.Of((Images.Flash, Images.Program(0x4000, Images.Flash, stack: 0x2002_0000))));

        Assert.Equal("STM32F405/F407 and STM32F767", ChipFitText.Fits(fits)!.Replace("STM32F4 with 512 KB or more", "?", StringComparison.Ordinal));
        Assert.Equal(
            "STM32F401xB/C: the stack pointer 0x20020000 lies outside its RAM; STM32F401xD/E: the stack pointer 0x20020000 lies outside its RAM",
            ChipFitText.Near(fits));
    }

    [Fact]
    public void The_images_own_words_rule_out_all_other_chips()
    {
        var bytes = Images.Program(0x4000, Images.Flash);
        Encoding.ASCII.GetBytes("MicroPython v1.14 on 2021-02-02; PYBv1.1 with STM32F405RG\0").CopyTo(bytes, 0x2000);
        var fits = Fits(Images.Of((Images.Flash, bytes)));

        Assert.Equal("STM32F405/F407", ChipFitText.Fits(fits));
        Assert.All(fits.Where(x => !x.Fits), x => Assert.Equal("MicroPython says it is for STM32F405RG", Assert.Single(x.Misfits).Reason));
    }

    [Fact]
    public void What_the_file_says_rules_out_all_other_chips()
    {
        var image = Images.Of((Images.Flash, Images.Program(0x4000, Images.Flash)));

        Assert.Equal("STM32F4", ChipFitText.Fits(Fits(image, new MadeFor { Families = ["STM32F4"] })));
        Assert.Equal("STM32F767", ChipFitText.Fits(Fits(image, new MadeFor { TargetName = "STM32F767ZI_GPIOToggle" })));
        Assert.Equal("the file is UF2 for RP2040", ChipFitText.WhyNone(Fits(image, new MadeFor { Families = ["RP2040"] })));
        Assert.Contains("no STM32 that is known: the file is UF2 for RP2040", ImageInspectionText.Render(Inspect(image, new MadeFor { Families = ["RP2040"] })), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("STM32F446ZE_GPIOToggle_Nucleo", "STM32F446ZE")]
    [InlineData("STM32H7_USB_HS", "STM32H7")]
    [InlineData("NUCLEO STM32L476RG", "STM32L476RG")]
    [InlineData("STM32WB55_app", "STM32WB55")]
    [InlineData("ST...", null)]
    [InlineData("STM3210E-EVAL_SysTick", null)]
    [InlineData("STM32 BOOTLOADER", null)]
    [InlineData("@Internal Flash", null)]
    [InlineData(null, null)]
    public void A_targets_name_may_hold_a_part(string? name, string? part) =>
        Assert.Equal(part, new MadeFor { TargetName = name }.TargetPart);

    [Fact]
    public void Bytes_beside_every_chip_need_something_else_and_rule_out_none()
    {
        var inspection = Inspect(Images.Of((Images.Flash, Images.Program(0x4000, Images.Flash)), (0x9000_0000, [1, 2, 3])));

        Assert.Equal("STM32F4, STM32F767 and STM32L05", ChipFitText.Fits(inspection.Chips));
        Assert.All(inspection.Chips, x => Assert.False(x.Fits));
        Assert.Contains("needs      memory beside the chip", ImageInspectionText.Render(inspection), StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_with_no_byte_in_flash_fits_nothing()
    {
        var inspection = Inspect(Images.Of((0x2000_0000, new byte[64])));

        Assert.Null(ChipFitText.Fits(inspection.Chips));
        Assert.Equal("not one of its bytes lies in flash", ChipFitText.WhyNone(inspection.Chips));
    }

    [Fact]
    public void Raw_bytes_are_held_against_chips_by_size_and_words()
    {
        var context = new InspectionContext { NeedsAddress = true, Chips = Chips };
        var inspection = ImageInspection.Of(Images.Of((0, new byte[1500 * 1024])), context);

        Assert.Equal("STM32F767 with 2 MB", ChipFitText.Fits(inspection.Chips));
        Assert.DoesNotContain("fits", ImageInspectionText.Render(inspection), StringComparison.Ordinal);
        Assert.Contains("no STM32 that is known: ", ImageInspectionText.Render(ImageInspection.Of(Images.Of((0, new byte[3 << 20])), context)), StringComparison.Ordinal);
    }

    [Fact]
    public void Where_most_chips_fit_their_number_is_told_and_not_their_names()
    {
        var fits = ImageInspection.Of(Images.Of((Images.Flash, new byte[1024]))).Chips;
        var text = ChipFitText.Fits(fits);
        Assert.Matches("^[0-9]+ of the [0-9]+ chips that are known, those with [0-9]+ KB of flash or more", text);
        Assert.Null(ChipFitText.Near(fits));
    }

    private static ImmutableArray<ChipFit> Fits(FirmwareImage image, MadeFor? madeFor = null) => Inspect(image, madeFor).Chips;

    private static ImageInspection Inspect(FirmwareImage image, MadeFor? madeFor = null) =>
        ImageInspection.Of(image, new InspectionContext { Chips = Chips, MadeFor = madeFor });

    private static ChipProfile Chip(ushort id, string name, ImmutableArray<string> lines, int ramKilobytes, params int[] flashKilobytes) =>
        ChipDatabase.Default.Chips[0] with
        {
            Id = id,
            Name = name,
            Family = "STM32" + lines[0][..2],
            Lines = lines,
            RamRegions = [new RamRegion("SRAM", new AddressRange(0x2000_0000, ramKilobytes * 1024), IsAlias: false)],
            Layouts = [.. flashKilobytes.Select(x => new FlashLayout($"{x} KB", false, [new SectorRun(Images.Flash, x / 2, 2048, SectorAccess.All)]))],
        };
}
