using System.Buffers.Binary;
using System.Text;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;
using Defuse.Planning;

namespace Defuse.Core.Tests.Planning;

public sealed class FlashPlannerTests
{
    private static readonly TargetDescription F767 = Targets.Of(others: ["@Option Bytes  /0x1FFF0000/01*032 e", "@OTP Memory /0x1FF0F000/01*1024 e"]) with { IsBankModeSettled = true };

    [Fact]
    public void An_undecided_plan_reads_as_people_expect_it()
    {
        var image = Image((0x08000000, Program(40_000)), (0x08020000, Bytes(100_001)));

        var text = FlashPlanText.Render(FlashPlanner.Plan(image, F767, FlashOptions.Default));

        Assert.Equal(
            """
            device   test:: STM32  BOOTLOADER, STM32F765/F767/F769/F777/F779
            image    140001 bytes in 2 segments
                       0x08000000-0x08009C3F    40000
                       0x08020000-0x080386A0   100001
            sectors  3 sectors touched
                         0 0x08000000-0x08007FFF    32768 of    32768 bytes  compare, rewrite if it differs
                         1 0x08008000-0x0800FFFF     7232 of    32768 bytes  compare, rewrite if it differs
                         4 0x08020000-0x0803FFFF   100001 of   131072 bytes  compare, rewrite if it differs
            erase    3 sectors, in order: 0 1 4
            write    140032 bytes in 3 runs
                       0x08008000-0x08009C3F     7232
                       0x08020000-0x080386BF   100032
                       0x08000000-0x08007FFF    32768
            verify   140001 bytes in 4 reads
                       0x08000400-0x08009C3F    38976
                       0x08000000-0x080003FF     1024
                       0x08020400-0x080386A0    98977
                       0x08020000-0x080203FF     1024
            start    0x08000000

            """,
            text);
    }

    [Fact]
    public void The_same_input_gives_an_equal_plan()
    {
        var image = Image((0x08000000, Program(5000)));

        Assert.Equal(FlashPlanner.Plan(image, F767, FlashOptions.Default), FlashPlanner.Plan(image, F767, FlashOptions.Default));
        Assert.NotEqual(
            FlashPlanner.Plan(image, F767, FlashOptions.Default),
            FlashPlanner.Plan(image, F767, FlashOptions.Default, new MemorySurvey([])));
    }

    [Fact]
    public void Sectors_that_the_survey_found_unchanged_are_kept()
    {
        var image = Image((0x08000000, Program(300_000)));

        var plan = FlashPlanner.Plan(image, F767, FlashOptions.Default, new MemorySurvey([0x08010000]));

        Assert.Equal([0x08010000u], plan.Erases.Select(x => x.Range.Start));
        Assert.Equal([new AddressRange(0x08010000, 0x8000)], plan.Writes.Select(x => x.Range));
        Assert.Empty(plan.SurveyReads);

        // And a block on either side of it.
        Assert.Equal([AddressRange.FromBounds(0x0800F800, 0x08018800)], AddressRange.Join(plan.VerifyReads));
    }

    [Fact]
    public void Where_the_sectors_are_not_surely_known_all_is_read_again_after_an_erase()
    {
        var image = Image((0x08000000, Program(300_000)));
        TargetDescription[] doubtful =
        [
            F767 with { Candidates = [] },
            F767 with { IsBankModeSettled = false },
            F767 with { Remarks = ["the device announces other sectors than nDBANK in its option bytes means"] },
            Targets.Of(),
        ];

        Assert.All(doubtful, x => Assert.Equal(300_000, FlashPlanner.Plan(image, x, FlashOptions.Default, new MemorySurvey([0x08010000])).VerifyReads.Sum(y => y.Length)));
    }

    [Fact]
    public void Nothing_is_written_when_nothing_differs()
    {
        var plan = FlashPlanner.Plan(Image((0x08000000, Program(300_000))), F767, FlashOptions.Default, new MemorySurvey([]));

        Assert.Empty(plan.Erases);
        Assert.Empty(plan.Writes);
        Assert.All(plan.Sectors, x => Assert.Equal(SectorDecision.Keep, x.Decision));
    }

    [Fact]
    public void The_vector_tables_sector_is_erased_first_and_written_last()
    {
        var atStart = FlashPlanner.Plan(Image((0x08000000, Program(40_000))), F767, FlashOptions.Default with { Compare = false });
        Assert.Equal(0x08000000u, atStart.Start);
        Assert.Equal([0x08000000u, 0x08008000u], atStart.Erases.Select(x => x.Range.Start));
        Assert.Equal([0x08008000u, 0x08000000u], atStart.Writes.Select(x => x.Range.Start));

        // An application behind a bootloader, with its settings in the sector before it.
        var application = Image((0x08008000, Bytes(10)), (0x08020000, Program(200_000, start: 0x08020000)));
        var behind = FlashPlanner.Plan(application, F767, FlashOptions.Default with { Compare = false });
        Assert.Equal(0x08020000u, behind.Start);
        Assert.Equal([0x08020000u, 0x08008000u, 0x08040000u], behind.Erases.Select(x => x.Range.Start));
        Assert.Equal(0x08020000u, behind.Writes[^1].Range.Start);
    }

    [Fact]
    public void Data_is_never_started_but_the_program_that_was_there()
    {
        var plan = FlashPlanner.Plan(Image((0x08040000, Bytes(1000))), F767, FlashOptions.Default);

        Assert.Equal(0x08000000u, plan.Start);
    }

    [Theory]
    [InlineData("@Option Bytes  /0x1FFFC000/01*016 g", 0x1FFFC000u)]
    [InlineData("@OTP Memory /0x1FFF7800/01*512 g,01*016 g", 0x1FFF7800u)]
    [InlineData("@Device Feature/0xFFFF0000/01*004 g", 0xFFFF0000u)]
    [InlineData("@Something   /0x5200201C/01*128 g", 0x5200201Cu)]
    public void A_system_area_is_never_flash_though_an_early_rom_gives_it_the_letter(string layout, uint address)
    {
        var target = Targets.Of("@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg", 0x2100, 2048, layout);
        var everything = FlashAllowances.Outside | FlashAllowances.Protected | FlashAllowances.Chip;
        var image = Image((0x08000000, Program(1000)), (address, [0xEC, 0xCC, 0, 0]));

        Assert.Throws<PlanRefusedException>(() => FlashPlanner.Plan(image, target, FlashOptions.Default));
        var plan = FlashPlanner.Plan(image, target, FlashOptions.Default with { Allow = everything, Compare = false });
        Assert.All(plan.Erases.Select(x => x.Range).Concat(plan.Writes.Select(x => x.Range)), x => Assert.InRange(x.Start, 0x08000000u, 0x080FFFFFu));
        Assert.Throws<PlanRefusedException>(() => FlashPlanner.PlanErase(new AddressRange(address, 4), target, FlashOptions.Default with { Allow = everything }));
    }

    [Fact]
    public void Erasing_the_chip_also_erases_what_it_does_not_reach()
    {
        var target = Targets.Of(others: ["@External Flash /0x90000000/16*064Kg"]);

        var plan = FlashPlanner.Plan(Image((0x08000000, Program(1000)), (0x90010000, Bytes(10))), target, FlashOptions.Default with { EraseChip = true });

        Assert.True(plan.EraseChip);
        Assert.Equal([0x90010000u], plan.Erases.Select(x => x.Range.Start));
    }

    [Fact]
    public void A_device_that_cannot_be_read_is_neither_surveyed_nor_verified_and_that_is_said()
    {
        var target = Targets.Of() with { IsReadable = false };

        var plan = FlashPlanner.Plan(Image((0x08000000, Program(1000))), target, FlashOptions.Default);

        Assert.Empty(plan.SurveyReads);
        Assert.Empty(plan.VerifyReads);
        Assert.Equal(SectorDecision.Rewrite, plan.Sectors[0].Decision);
        Assert.Contains(plan.Warnings, x => x.Contains("verified", StringComparison.Ordinal));
        Assert.Throws<PlanRefusedException>(() => FlashPlanner.PlanVerification(Image((0x08000000, Program(1000))), target, FlashOptions.Default));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(64)]
    [InlineData(1023)]
    public void Any_block_size_makes_a_plan(int blockSize)
    {
        var data = Program(3000);
        data.AsSpan(100, 40).Fill(0xFF);
        data.AsSpan(1000, 300).Fill(0xFF);

        var plan = FlashPlanner.Plan(Image((0x08000000, data)), Targets.Of(blockSize: blockSize), FlashOptions.Default with { Compare = false });

        Assert.All(plan.Writes, x => Assert.InRange(x.Range.Length, 1, 3008));
        Assert.Equal(3000, plan.VerifyReads.Sum(x => x.Length));
    }

    [Fact]
    public void Many_small_segments_become_few_runs_and_few_reads_in_good_time()
    {
        var builder = new FirmwareImageBuilder();
        for (var i = 0; i < 200_000; i++)
        {
            builder.Add((uint)(0x08000000 + (i * 10)), [(byte)(i % 255)]);
        }

        var plan = FlashPlanner.Plan(builder.Build(), F767, FlashOptions.Default with { Compare = false });

        Assert.InRange(plan.Writes.Length, 1, 20);
        Assert.InRange(plan.VerifyReads.Length, 1, 4);
    }

    [Fact]
    public void Plans_for_equal_descriptions_are_equal() =>
        Assert.Equal(
            FlashPlanner.Plan(Image((0x08000000, Program(5000))), Targets.Of(), FlashOptions.Default),
            FlashPlanner.Plan(Image((0x08000000, Program(5000))), Targets.Of(), FlashOptions.Default));

    [Fact]
    public void Blank_blocks_are_left_out_and_shorter_blanks_are_not()
    {
        var data = Program(20_000);
        data.AsSpan(4096, 4096).Fill(0xFF);
        data.AsSpan(12_000, 2047).Fill(0xFF);
        data.AsSpan(19_000).Fill(0xFF);

        var plan = FlashPlanner.Plan(Image((0x08000000, data)), F767, FlashOptions.Default with { Compare = false });

        Assert.Equal(
            [AddressRange.FromBounds(0x08000000, 0x08001000), AddressRange.FromBounds(0x08002000, 0x08000000 + 19_008)],
            plan.Writes.Select(x => x.Range));
        Assert.Equal(20_000, plan.VerifyReads.Sum(x => x.Length));
    }

    [Fact]
    public void A_blank_image_is_erased_and_verified_and_nothing_is_written()
    {
        var plan = FlashPlanner.Plan(Image((0x08040000, [.. Enumerable.Repeat((byte)0xFF, 5000)])), F767, FlashOptions.Default with { Compare = false });

        Assert.Single(plan.Erases);
        Assert.Empty(plan.Writes);
        Assert.Equal(5000, plan.VerifyReads.Sum(x => x.Length));
    }

    [Fact]
    public void Data_is_padded_to_the_program_unit_with_the_erased_byte_and_never_over_data()
    {
        // Two segments meet in one 32-byte unit, a third begins in the middle of another.
        var image = Image((0x08000003, [1, 2]), (0x08000010, [3]), (0x0800004A, [4]));

        var plan = FlashPlanner.Plan(image, F767, FlashOptions.Default with { Compare = false });

        var run = Assert.Single(plan.Writes);
        Assert.Equal(AddressRange.FromBounds(0x08000000, 0x08000060), run.Range);
        var expected = new byte[0x60];
        expected.AsSpan().Fill(0xFF);
        (expected[3], expected[4], expected[0x10], expected[0x4A]) = (1, 2, 3, 4);
        Assert.Equal(expected, run.Data.ToArray());
    }

    [Fact]
    public void Every_image_byte_of_a_changed_sector_is_written_or_blank_and_nothing_else_is_programmed()
    {
        var random = new Random(5);
        for (var round = 0; round < 300; round++)
        {
            var image = RandomImage(random);
            var blockSize = random.Next(2) == 0 ? 1024 : 2048;
            var target = Targets.Of(blockSize: blockSize);
            var changed = target.Memory.Flash!.Runs.SelectMany(x => target.Memory.SectorsIn(x.Range)).Where(_ => random.Next(2) == 0).Select(x => x.Range.Start);
            var plan = FlashPlanner.Plan(image, target, FlashOptions.Default, new MemorySurvey(changed));

            var memory = new byte[2 * 1024 * 1024];
            memory.AsSpan().Fill(0xFF);
            foreach (var run in plan.Writes)
            {
                Assert.Equal(0, run.Range.Start % target.WriteUnit);
                Assert.Equal(0, run.Range.Length % target.WriteUnit);
                Assert.All(target.Memory.SectorsIn(run.Range), x => Assert.Contains(x, plan.Erases));
                run.Data.Span.CopyTo(memory.AsSpan((int)(run.Range.Start - 0x08000000)));
            }

            foreach (var sector in plan.Erases)
            {
                var expected = new byte[sector.Range.Length];
                expected.AsSpan().Fill(0xFF);
                foreach (var segment in image.Slice(sector.Range).Segments)
                {
                    segment.Data.Span.CopyTo(expected.AsSpan((int)(segment.Range.Start - sector.Range.Start)));
                }

                Assert.True(expected.AsSpan().SequenceEqual(memory.AsSpan((int)(sector.Range.Start - 0x08000000), expected.Length)));
            }
        }
    }

    [Fact]
    public void Reads_cover_the_image_once_and_no_read_of_several_blocks_starts_where_a_write_did()
    {
        var random = new Random(6);
        for (var round = 0; round < 300; round++)
        {
            var image = RandomImage(random);
            var plan = FlashPlanner.Plan(image, Targets.Of(), FlashOptions.Default with { Compare = false });
            var starts = plan.Writes.Select(x => x.Range.Start).ToHashSet();

            Assert.Equal(image.ByteCount, plan.VerifyReads.Sum(x => image.Slice(x).ByteCount));
            Assert.InRange(plan.VerifyReads.Sum(x => x.Length), image.ByteCount, image.ByteCount + (image.Segments.Length * 2048L));
            Assert.All(plan.VerifyReads.Where(x => x.Length > 2048), x => Assert.DoesNotContain(x.Start, starts));
        }
    }

    [Fact]
    public void Bytes_outside_flash_are_refused_with_their_range_and_left_out_when_allowed()
    {
        var image = Image((0x08000000, Program(1000)), (0x90000000, Bytes(10)));

        var refusal = Assert.Single(Assert.Throws<PlanRefusedException>(() => FlashPlanner.Plan(image, F767, FlashOptions.Default)).Refusals);
        var plan = FlashPlanner.Plan(image, F767, FlashOptions.Default with { Allow = FlashAllowances.Outside });

        Assert.Equal(RefusalKind.Outside, refusal.Kind);
        Assert.Equal(new AddressRange(0x90000000, 10), refusal.Range);
        Assert.Equal(1000, plan.Image.ByteCount);
        Assert.Contains(plan.Warnings, x => x.Contains("0x90000000", StringComparison.Ordinal) && x.EndsWith("left out", StringComparison.Ordinal));
    }

    [Fact]
    public void An_image_that_runs_over_the_end_of_flash_is_refused_by_what_is_too_much()
    {
        var refusal = Assert.Single(Assert.Throws<PlanRefusedException>(
            () => FlashPlanner.Plan(Image((0x081FFFF0, Bytes(0x20))), F767, FlashOptions.Default)).Refusals);

        Assert.Equal(new AddressRange(0x08200000, 0x10), refusal.Range);
        Assert.Contains("16 bytes", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Option_bytes_and_otp_are_not_flashed_as_a_by_the_way()
    {
        var image = Image((0x08000000, Program(1000)), (0x1FFF0000, Bytes(32)));

        var refused = Assert.Throws<PlanRefusedException>(() => FlashPlanner.Plan(image, F767, FlashOptions.Default));

        Assert.Contains("Option Bytes", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_image_with_nothing_in_flash_is_refused_even_when_allowed() =>
        Assert.Throws<PlanRefusedException>(
            () => FlashPlanner.Plan(Image((0x90000000, Bytes(10))), F767, FlashOptions.Default with { Allow = FlashAllowances.Outside }));

    [Fact]
    public void An_empty_image_is_refused() =>
        Assert.Equal(
            RefusalKind.Image,
            Assert.Throws<PlanRefusedException>(() => FlashPlanner.Plan(FirmwareImage.Empty, F767, FlashOptions.Default)).Refusals[0].Kind);

    [Fact]
    public void Sectors_that_the_device_calls_read_only_are_refused_and_tried_when_allowed()
    {
        var target = Targets.Of("@Internal Flash  /0x08000000/02*016Ka,02*016Kg", blockSize: 1024);
        var image = Image((0x08004000, Bytes(0x8000)));

        var refusal = Assert.Single(Assert.Throws<PlanRefusedException>(() => FlashPlanner.Plan(image, target, FlashOptions.Default)).Refusals);

        Assert.Equal(RefusalKind.Protected, refusal.Kind);
        Assert.Equal(new AddressRange(0x08004000, 0x4000), refusal.Range);
        Assert.Equal(2, FlashPlanner.Plan(image, target, FlashOptions.Default with { Allow = FlashAllowances.Protected }).Erases.Length);
    }

    [Fact]
    public void A_file_for_another_chip_is_refused_where_it_says_so()
    {
        var data = Program(2000);
        Encoding.ASCII.GetBytes("MicroPython v1.14 on 2021-02-02; PYBv1.1 with STM32F405RG\0").CopyTo(data, 1000);

        var refusal = Assert.Single(Assert.Throws<PlanRefusedException>(
            () => FlashPlanner.Plan(Image((0x08000000, data)), F767, FlashOptions.Default)).Refusals);

        Assert.Equal(RefusalKind.Chip, refusal.Kind);
        Assert.Contains("STM32F405RG", refusal.Reason, StringComparison.Ordinal);
        Assert.NotEmpty(FlashPlanner.Plan(Image((0x08000000, data)), F767, FlashOptions.Default with { Allow = FlashAllowances.Chip }).Warnings);
    }

    [Theory]
    [InlineData(0x0483, 0xDF11, true)]
    [InlineData(0xFFFF, 0xFFFF, true)]
    [InlineData(0x0483, 0x0000, true)]
    [InlineData(0x28E9, 0x0189, false)]
    [InlineData(0x0483, 0x5740, false)]
    public void A_file_that_names_another_usb_device_is_refused(int vendor, int product, bool fits)
    {
        var options = FlashOptions.Default with { MadeFor = new MadeFor { Usb = new UsbIdentity((ushort)vendor, (ushort)product) } };
        var plan = () => FlashPlanner.Plan(Image((0x08000000, Program(100))), F767, options);

        if (fits)
        {
            Assert.NotNull(plan());
        }
        else
        {
            Assert.Equal(RefusalKind.Chip, Assert.Throws<PlanRefusedException>(plan).Refusals[0].Kind);
        }
    }

    [Fact]
    public void All_reasons_to_refuse_are_told_at_once()
    {
        var image = Image((0x08000000, Program(100)), (0x20000000, Bytes(4)));
        var options = FlashOptions.Default with { MadeFor = new MadeFor { Usb = new UsbIdentity(0x28E9, 0x0189) } };

        var refused = Assert.Throws<PlanRefusedException>(() => FlashPlanner.Plan(image, F767, options));

        Assert.Equal([RefusalKind.Outside, RefusalKind.Chip], refused.Refusals.Select(x => x.Kind));
    }

    [Fact]
    public void A_vector_table_that_looks_wrong_is_a_warning()
    {
        var data = Program(1000);
        BinaryPrimitives.WriteUInt32LittleEndian(data, 0x12345678);

        var plan = FlashPlanner.Plan(Image((0x08000000, data)), F767, FlashOptions.Default);

        Assert.Contains(plan.Warnings, x => x.Contains("vector table", StringComparison.Ordinal));
        Assert.Empty(FlashPlanner.Plan(Image((0x08000000, Program(1000))), F767, FlashOptions.Default).Warnings);
    }

    [Fact]
    public void A_binary_goes_to_the_start_of_flash_only_if_its_vector_table_fits_there()
    {
        Assert.Equal(0x08000000u, BinaryPlacement.FindAddress(Program(1000), F767));
        Assert.Throws<AddressNeededException>(() => BinaryPlacement.FindAddress(Bytes(1000), F767));
        Assert.Throws<AddressNeededException>(() => BinaryPlacement.FindAddress([1, 2, 3], F767));

        // Linked for behind a bootloader: its reset vector points out of the image.
        var application = Program(1000);
        BinaryPrimitives.WriteUInt32LittleEndian(application.AsSpan(4), 0x08010101);
        Assert.Throws<AddressNeededException>(() => BinaryPlacement.FindAddress(application, F767));
    }

    [Fact]
    public void Erase_plans_take_whole_sectors_and_check_that_they_are_blank()
    {
        var plan = FlashPlanner.PlanErase(new AddressRange(0x08007FFF, 2), F767, FlashOptions.Default);

        Assert.Equal([0x08000000u, 0x08008000u], plan.Erases.Select(x => x.Range.Start));
        Assert.Equal([AddressRange.FromBounds(0x08000000, 0x08010000)], plan.VerifyReads);
        Assert.True(FlashPlanner.PlanErase(null, F767, FlashOptions.Default).EraseChip);
        Assert.Throws<PlanRefusedException>(() => FlashPlanner.PlanErase(new AddressRange(0x20000000, 1), F767, FlashOptions.Default));
    }

    internal static FirmwareImage Image(params (uint Address, byte[] Bytes)[] parts)
    {
        var builder = new FirmwareImageBuilder();
        foreach (var (address, bytes) in parts)
        {
            builder.Add(address, bytes);
        }

        return builder.Build();
    }

    internal static byte[] Bytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>Random bytes behind a vector table that fits where they start.</summary>
    internal static byte[] Program(int count, int seed = 1, uint start = 0x08000000)
    {
        var bytes = Bytes(count, seed);
        bytes.AsSpan(0, Math.Min(64, count)).Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, 0x20001000);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(4), start + 0x41);
        return bytes;
    }

    private static FirmwareImage RandomImage(Random random)
    {
        var builder = new FirmwareImageBuilder();
        uint address = 0x08000000 + (uint)random.Next(70_000);
        for (var parts = random.Next(1, 6); parts > 0; parts--)
        {
            var bytes = Bytes(random.Next(1, 60_000), random.Next());
            var blank = random.Next(bytes.Length);
            bytes.AsSpan(blank, random.Next(bytes.Length - blank)).Fill(0xFF);
            builder.Add(address, bytes);
            address += (uint)(bytes.Length + random.Next(1, 100_000));
        }

        return builder.Build();
    }
}
