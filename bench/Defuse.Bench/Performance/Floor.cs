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

        return workload.Holds is null
            ? Written(chip, image, x => true, workload.EraseChip, blockSize, transfer)
            : OfReading(workload, blockSize, transfer) + OfChange(workload, chip, blockSize, transfer);
    }

    /// <summary>The time for reading the image once.</summary>
    public static TimeSpan OfReading(Workload workload, int blockSize, TimeSpan transfer) => Blocks(workload.Image!.Length, blockSize) * transfer;

    /// <summary>The time for erasing, programming and reading back the sectors in which the chip holds something else.</summary>
    public static TimeSpan OfChange(Workload workload, SimulatedChip chip, int blockSize, TimeSpan transfer)
    {
        var differing = Differing(workload, chip);
        return (BlocksOfChange(workload, chip, blockSize) * transfer) + Written(chip, workload.Image!, differing.Contains, false, blockSize, transfer);
    }

    /// <summary>The blocks of the image that are in the sectors in which the chip holds something else.</summary>
    public static int BlocksOfChange(Workload workload, SimulatedChip chip, int blockSize) =>
        Differing(workload, chip).Sum(x => Blocks(Part(workload.Image!, chip, x).Length, blockSize));

    private static HashSet<SimulatedSector> Differing(Workload workload, SimulatedChip chip) =>
        chip.Sectors.Where(x => !Part(workload.Image!, chip, x).SequenceEqual(Part(workload.Holds!, chip, x))).ToHashSet();

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
