using Defuse.Simulator;

namespace Defuse.Bench.Performance;

/// <summary>What the device needs, whoever programs it.</summary>
internal static class Floor
{
    /// <summary>
    /// The time for the chip's erases and programming, three transfers for each erase and each data block, and one for each
    /// block that is read where reading is the work.
    /// </summary>
    public static TimeSpan Of(Workload workload, SimulatedChip chip, int blockSize, TimeSpan transfer)
    {
        if (workload.Image is not { } image)
        {
            return Blocks(chip.FlashSize, blockSize) * transfer;
        }

        if (workload.Holds is not { } holds)
        {
            return Written(chip, image, x => true, workload.EraseChip, blockSize, transfer);
        }

        var once = Blocks(image.Length, blockSize) * transfer;
        var differing = chip.Sectors.Where(x => !Part(image, chip, x).SequenceEqual(Part(holds, chip, x))).ToHashSet();
        var again = differing.Sum(x => Blocks(Part(image, chip, x).Length, blockSize)) * transfer;
        return once + again + Written(chip, image, differing.Contains, false, blockSize, transfer);
    }

    private static TimeSpan Written(
        SimulatedChip chip, byte[] image, Func<SimulatedSector, bool> isWritten, bool eraseChip, int blockSize, TimeSpan transfer)
    {
        var time = eraseChip ? chip.Model.MassEraseTime + (3 * transfer) : TimeSpan.Zero;
        foreach (var sector in chip.Sectors.Where(x => x.Address - chip.FlashAddress < image.Length && isWritten(x)))
        {
            time += eraseChip ? TimeSpan.Zero : chip.EraseTimeAt(sector.Address) + (3 * transfer);
            foreach (var block in Part(image, chip, sector).ToArray().Chunk(blockSize).Where(x => x.AsSpan().ContainsAnyExcept(chip.ErasedByte)))
            {
                time += chip.ProgramTimeOf(block.Length) + (3 * transfer);
            }
        }

        return time;
    }

    private static ReadOnlySpan<byte> Part(byte[] image, SimulatedChip chip, SimulatedSector sector)
    {
        var start = Math.Min(image.Length, (int)(sector.Address - chip.FlashAddress));
        return image.AsSpan(start, Math.Min(sector.Size, image.Length - start));
    }

    private static int Blocks(int size, int blockSize) => (size + blockSize - 1) / blockSize;
}
