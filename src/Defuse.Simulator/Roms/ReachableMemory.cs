using System.Buffers.Binary;
using Defuse.Simulator.Chips;

namespace Defuse.Simulator.Roms;

/// <summary>What a bootloader lets a host reach of its chip.</summary>
internal sealed class ReachableMemory(RomModel model, SimulatedChip chip)
{
    /// <summary>The memory that holds a whole range, if there is one: a bootloader in flash memory shows flash memory alone.</summary>
    public ChipMemory? Of(ulong address, int length)
    {
        var memory = chip.MemoryOf(address, length);
        return model.FlashResident is null || memory == ChipMemory.Flash ? memory : null;
    }

    /// <summary>Whether the bootloader itself is there.</summary>
    public bool IsOwn(ulong address) => address < chip.FlashAddress + (ulong)(model.FlashResident?.OwnSize ?? 0);

    /// <summary>
    /// Whether a program's vectors are there. What "holds code" means is not documented for ROMs; erased vectors certainly
    /// don't. mboot wants a first word that is divisible by 4; that others in flash memory do is inferred.
    /// </summary>
    public bool HasVectors(uint address)
    {
        Span<byte> vectors = stackalloc byte[8];
        if (Of(address, vectors.Length) != ChipMemory.Flash)
        {
            return false;
        }

        chip.ReadFlash(address, vectors);
        return vectors[..4].ContainsAnyExcept(chip.ErasedByte)
            && vectors[4..].ContainsAnyExcept(chip.ErasedByte)
            && (model.FlashResident is null || (BinaryPrimitives.ReadUInt32LittleEndian(vectors) & 3) == 0);
    }
}
