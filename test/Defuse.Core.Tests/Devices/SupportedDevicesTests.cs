using Defuse.Core.Tests.Programming;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Planning;

namespace Defuse.Core.Tests.Devices;

/// <summary>What is listed as supported is exercised: every layout, every board.</summary>
public class SupportedDevicesTests
{
    public static TheoryData<int> ChipIds => [.. ChipDatabase.Default.Chips.Select(x => (int)x.Id)];

    [Theory]
    [MemberData(nameof(ChipIds))]
    public void Every_layout_is_planned_from_its_first_sector_to_its_last(int id)
    {
        var chip = ChipDatabase.Default.FindId((ushort)id)!;
        foreach (var layout in chip.Layouts)
        {
            var target = chip.ToTarget(layout);
            var last = layout.Runs[^1].Range;
            var builder = new FirmwareImageBuilder();
            builder.Add(layout.Runs[0].Range.Start, VectorTable(chip.RamRegions.MaxBy(x => x.Range.Length)!.Range.End, layout.Runs[0].Range.Start));
            builder.Add((uint)(last.End - 1), [0x5A]);
            var plan = FlashPlanner.Plan(builder.Build(), target, FlashOptions.Default);

            Assert.Empty(plan.Warnings);
            Assert.Equal(new[] { layout.Runs[0].Range.Start, (uint)(last.End - layout.Runs[^1].SectorSize) }.Distinct(), plan.Sectors.Select(x => x.Sector.Range.Start));
            Assert.All(plan.Writes, x => Assert.Equal((0, 0), ((int)(x.Range.Start % chip.WriteUnit), (int)(x.Range.Length % chip.WriteUnit))));
            Assert.Throws<PlanRefusedException>(() => FlashPlanner.Plan(FirmwareImage.FromBytes((uint)last.End, [1]), target, FlashOptions.Default));
        }
    }

    [Theory]
    [MemberData(nameof(ChipIds))]
    public void Every_chip_is_found_by_its_id_and_by_its_name(int id)
    {
        var chip = ChipDatabase.Default.FindId((ushort)id)!;
        Assert.Equal(chip, Assert.Single(ChipDatabase.Default.Find($"0x{id:X3}")).Chip);
        Assert.Contains(ChipDatabase.Default.Find(chip.Name), x => x.Chip == chip);
    }

    [Theory]
    [MemberData(nameof(ChipIds))]
    public void Every_chip_with_a_bootloader_is_told_by_its_largest_layout(int id)
    {
        var chip = ChipDatabase.Default.FindId((ushort)id)!;
        var release = chip.DeviceReleases.FirstOrDefault((ushort)0x2200);
        var found = ChipDatabase.Default.Identify([new MemoryRegion("Internal Flash", 0, chip.Layouts[0].Runs)], release);

        Assert.Equal(chip.UsbDfu.Presence != UsbDfuPresence.No, found.Any(x => x.Chip == chip));
    }

    [Fact]
    public void Every_board_has_a_part_and_a_plan()
    {
        foreach (var board in BoardDatabase.Default.Boards)
        {
            var target = board.ToTarget(ChipDatabase.Default);
            var part = ChipDatabase.Default.FindPart(board.Part)!.Part!;

            Assert.Equal((board.Name, $"board:{board.Name}"), (target.Name, target.Address));
            Assert.Equal(part.FlashBytes, target.Memory.Flash!.ByteCount);
            Assert.Equal(board.ChipId, Assert.Single(target.Candidates).Chip.Id);
            Assert.Single(FlashPlanner.Plan(FirmwareImage.FromBytes(target.Memory.Flash.Start, new byte[16]), target, FlashOptions.Default).Sectors);
        }
    }

    [Fact]
    public void A_part_with_less_RAM_is_checked_against_its_own()
    {
        var match = ChipDatabase.Default.FindPart("STM32F103C6")!;
        var image = FirmwareImage.FromBytes(0x08000000, VectorTable(0x20002800, 0x08000000));
        Assert.Empty(FlashPlanner.Plan(image, match.Chip.ToTarget(part: match.Part), FlashOptions.Default).Warnings);

        var smaller = ChipDatabase.Default.FindPart("STM32F101C4")!;
        Assert.Contains(
            FlashPlanner.Plan(image, smaller.Chip.ToTarget(part: smaller.Part), FlashOptions.Default).Warnings,
            x => x.Contains("0x20002800 lies outside this chip's RAM", StringComparison.Ordinal));
    }

    /// <summary>The simulator has its own data; where the two disagree, it is said here.</summary>
    [Theory]
    [InlineData("nucleo-f767zi", 0x451, "STM32F765/F767/F769/F777/F779", "OTP: 1040 and 1056 bytes")]
    [InlineData("pybv11", 0x413, "STM32F405/F407/F415/F417 or one of 4 others", "")]
    [InlineData("nucleo-h743zi", 0x450, "STM32H742/H743/H745/H747/H750/H753/H755/H757", "")]
    public async Task Simulated_boards_are_told_and_disagree_only_where_it_is_known(string name, int id, string told, string disagreements)
    {
        using var bench = new Bench(name);
        await using var target = await bench.OpenAsync();
        var description = target.Description;
        var chip = description.Candidates[0].Chip;
        var board = BoardDatabase.Default.FindName(name)!;

        Assert.Equal((id, told), ((int)chip.Id, description.ChipName));
        Assert.Equal(chip.Id, board.ChipId);
        Assert.True(board.ToTarget(ChipDatabase.Default).Memory.Flash!.Runs.SequenceEqual(description.Memory.Flash!.Runs));
        Assert.Equal(chip.ErasedByte, description.ErasedByte);
        var found = new List<string>();
        foreach (var (what, known) in (List<(string, AddressRange?)>)[("Option Bytes", chip.OptionBytes), ("OTP", chip.Otp)])
        {
            if (description.Memory.Regions.FirstOrDefault(x => x.Name.StartsWith(what, StringComparison.Ordinal)) is { } region && known is { } range)
            {
                Assert.Equal(range.Start, region.Start);
                if (region.ByteCount != range.Length)
                {
                    found.Add($"{what}: {region.ByteCount} and {range.Length} bytes");
                }
            }
        }

        Assert.Equal(disagreements, string.Join(", ", found));
    }

    /// <summary>The same for boards of which the host cannot tell one chip; what it takes them for is said here too.</summary>
    [Theory]
    [InlineData("32f072bdiscovery", 0x448, true)]
    [InlineData("b-l072z-lrwan1", 0x447, true)]
    [InlineData("b-u585i-iot02a", 0x482, true)]
    [InlineData("nucleo-c562re", 0x44E, true)]
    [InlineData("nucleo-f767zi?flash=1M", 0x451, true)]
    [InlineData("nucleo-f767zi?flash=1M&bank=dual", 0x451, true)]
    [InlineData("nucleo-g0b1re", 0x467, false)] // it announces a quarter of its flash
    [InlineData("nucleo-g431kb", 0x468, true)]
    [InlineData("nucleo-h563zi", 0x484, true)]
    [InlineData("stm32l476g-disco", 0x415, true)]
    public async Task Simulated_boards_have_the_memory_of_their_chip(string address, int id, bool announcesAll)
    {
        var parts = address.Split('?', '&');
        using var bench = new Bench(parts[0], [.. parts[1..].Select(x => (x.Split('=')[0], x.Split('=')[1]))]);
        await using var target = await bench.OpenAsync();
        var chip = ChipDatabase.Default.FindId((ushort)id)!;
        var sectors = bench.Board.Chip.Sectors.Select(x => (x.Address, (long)x.Size)).ToList();

        Assert.Contains(target.Description.Candidates, x => x.Chip == chip);
        Assert.Equal(chip.ErasedByte, bench.Board.Chip.ErasedByte);
        Assert.Contains(chip.Layouts, x => sectors.SequenceEqual(Sectors(x.Runs)));
        Assert.Equal(announcesAll, sectors.SequenceEqual(Sectors(target.Description.Memory.Flash!.Runs)));
    }

    private static IEnumerable<(uint Address, long Size)> Sectors(IEnumerable<SectorRun> runs) => runs.SelectMany(
        x => Enumerable.Range(0, x.Count).Select(i => ((uint)(x.Range.Start + (i * x.SectorSize)), x.SectorSize)));

    private static byte[] VectorTable(long stack, uint start)
    {
        var bytes = new byte[64];
        BitConverter.TryWriteBytes(bytes, (uint)stack);
        BitConverter.TryWriteBytes(bytes.AsSpan(4), start + 0x21);
        return bytes;
    }
}
