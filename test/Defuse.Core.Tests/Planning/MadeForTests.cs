using System.Text;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;
using Defuse.Planning;

namespace Defuse.Core.Tests.Planning;

/// <summary>A file for another chip is refused before the first erase, whichever words say so.</summary>
public class MadeForTests
{
    private static readonly TargetDescription F767 = Targets.Of();

    [Theory]
    [InlineData("STM32F446ZE_GPIOToggle_Nucleo", false)]
    [InlineData("STM32F407", false)]
    [InlineData("STM32F767ZI_GPIOToggle", true)]
    [InlineData("STM32F7", true)]
    [InlineData("STM32F7DISCOVERY", true)]
    [InlineData("STM32F4DISCOVERY", false)]
    [InlineData("STM32F3DISC", false)]
    [InlineData("STM32ZZ9 demo", true)]
    [InlineData("ST...", true)]
    [InlineData("Nucleo demo", true)]
    [InlineData(null, true)]
    public void A_target_named_after_another_part_is_refused(string? name, bool fits) =>
        Check(new MadeFor { TargetName = name }, fits, $"the file's target is named \"{name}\", and this device is STM32F765");

    [Theory]
    [InlineData(new[] { "RP2040" }, false)]
    [InlineData(new[] { "STM32F4" }, false)]
    [InlineData(new[] { "STM32F7" }, true)]
    [InlineData(new[] { "STM32F4", "STM32F7" }, true)]
    [InlineData(new string[0], true)]
    public void A_UF2_file_for_another_family_is_refused(string[] families, bool fits) =>
        Check(new MadeFor { Families = [.. families] }, fits, $"the file is UF2 for {families.FirstOrDefault()}, and this device is STM32F765");

    [Theory]
    [InlineData("STM32F767VGXYZ", true)]
    [InlineData("STM32F7SOMETHING", true)]
    [InlineData("STM32QQ5MM", true)]
    [InlineData("STM32F4SOMETHING", false)]
    [InlineData("MK64FN1M0", false)]
    public void A_microcontroller_that_no_chip_is_called_says_no_more_than_its_beginning(string mcu, bool fits)
    {
        var data = FlashPlannerTests.Program(4000);
        Encoding.ASCII.GetBytes($"MicroPython v1.14 on 2021-02-02; SOMEBOARD with {mcu}\0").CopyTo(data, 2000);
        var image = FirmwareImage.FromBytes(0x0800_0000, data);
        Assert.Equal(fits, Record.Exception(() => FlashPlanner.Plan(image, F767, FlashOptions.Default)) is null);
    }

    [Fact]
    public void Code_that_was_linked_for_another_place_is_warned_of()
    {
        var bytes = RealFirmware.Read("mbed-NUCLEO_F767ZI.bin");
        Assert.Empty(FlashPlanner.Plan(FirmwareImage.FromBytes(0x0800_0000, bytes), F767, FlashOptions.Default).Warnings);
        Assert.Contains(
            FlashPlanner.Plan(FirmwareImage.FromBytes(0x0802_0000, bytes), F767, FlashOptions.Default).Warnings,
            x => x.Contains("its code was linked for 0x08000000, and would lie at 0x08020000", StringComparison.Ordinal));
    }

    [Fact]
    public void A_chip_that_is_not_known_takes_every_file()
    {
        var unknown = Targets.Of("@Internal Flash  /0x08000000/04*001Kg,60*001Kg", release: 0x9999);
        Assert.Empty(unknown.Candidates);

        Assert.Empty(Plan(unknown, new MadeFor { TargetName = "STM32F446ZE", Families = ["RP2040"] }, FlashAllowances.None).Warnings);
    }

    [Theory]
    [InlineData("/src/mbed-dev/targets/TARGET_STM/TARGET_STM32L0/serial_api.c", "the file holds Mbed 2 for STM32L0, and")]
    [InlineData("Adafruit CircuitPython 8.2.6 on 2023-09-12; Feather STM32F405 Express with STM32F405RG", "CircuitPython for Feather STM32F405 Express with STM32F405RG, and")]
    public void Whatever_names_another_chip_inside_the_image_is_refused(string text, string words)
    {
        var data = FlashPlannerTests.Program(4000);
        Encoding.ASCII.GetBytes(text + "\0").CopyTo(data, 2000);
        var image = FirmwareImage.FromBytes(0x0800_0000, data);

        var refusal = Assert.Single(Assert.Throws<PlanRefusedException>(() => FlashPlanner.Plan(image, F767, FlashOptions.Default)).Refusals);
        Assert.Equal(RefusalKind.Chip, refusal.Kind);
        Assert.Contains(words, refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x2008_0000u, false)]
    [InlineData(0x2008_0004u, true)]
    [InlineData(0x2400_1000u, true)]
    [InlineData(0x1000_1000u, true)]
    public void A_stack_pointer_outside_this_chips_RAM_is_a_warning_in_words_of_its_own(uint stack, bool warns)
    {
        foreach (var start in (uint[])[0x0800_0000, 0x0800_8000])
        {
            var data = FlashPlannerTests.Program(1000, start: start);
            BitConverter.GetBytes(stack).CopyTo(data, 0);

            var warnings = FlashPlanner.Plan(FirmwareImage.FromBytes(start, data), F767, FlashOptions.Default).Warnings;

            Assert.Equal(warns ? [$"the stack pointer 0x{stack:X8} lies outside this chip's RAM: the file is probably for another chip"] : [], warnings);
        }
    }

    private static void Check(MadeFor madeFor, bool fits, string words)
    {
        if (fits)
        {
            Assert.Empty(Plan(F767, madeFor, FlashAllowances.None).Warnings);
            return;
        }

        var refusal = Assert.Single(Assert.Throws<PlanRefusedException>(() => Plan(F767, madeFor, FlashAllowances.None)).Refusals);
        Assert.Equal(RefusalKind.Chip, refusal.Kind);
        Assert.StartsWith(words, refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("--allow chip", refusal.Remedy, StringComparison.Ordinal);
        Assert.EndsWith("taken all the same", Assert.Single(Plan(F767, madeFor, FlashAllowances.Chip).Warnings), StringComparison.Ordinal);
    }

    private static FlashPlan Plan(TargetDescription target, MadeFor madeFor, FlashAllowances allow) =>
        FlashPlanner.Plan(FirmwareImage.FromBytes(0x0800_0000, FlashPlannerTests.Program(1000)), target, FlashOptions.Default with { MadeFor = madeFor, Allow = allow });
}
