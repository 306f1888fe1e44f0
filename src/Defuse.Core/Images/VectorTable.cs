using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Defuse.Images;

/// <summary>The start of a Cortex-M program: the initial stack pointer, the reset vector, and the system's other vectors.</summary>
/// <remarks>Immutable. A table that looks wrong is a reason for a warning, never proof that an image is bad.</remarks>
public sealed class VectorTable
{
    // The architecture's 16 words; the interrupts behind them differ from chip to chip.
    private const int SystemVectors = 16;

    // VTOR wants a table at a multiple of its size, a power of two; no STM32 has fewer than 33 vectors.
    private const uint Alignment = 0x100;

    // Where STM32 have RAM: CCM or SRAM2's code alias, DTCM and SRAM, AXI SRAM, and H7's domains 2 and 3.
    private static readonly ImmutableArray<AddressRange> UsualRam =
    [
        new(0x1000_0000, 0x4_0000),
        new(0x2000_0000, 0x40_0000),
        new(0x2400_0000, 0x44_0000),
        new(0x3000_0000, 0x40_0000),
        new(0x3800_0000, 0x1_0000),
    ];

    private static readonly ImmutableArray<(int Index, string Name)> Handlers =
    [
        (2, "NMI"),
        (3, "HardFault"),
        (4, "MemManage"),
        (5, "BusFault"),
        (6, "UsageFault"),
        (11, "SVCall"),
        (12, "DebugMonitor"),
        (14, "PendSV"),
        (15, "SysTick"),
    ];

    private readonly ImmutableArray<uint> _words;

    private VectorTable(uint address, ImmutableArray<uint> words)
    {
        Address = address;
        _words = words;
    }

    /// <summary>Where the table lies.</summary>
    public uint Address { get; }

    /// <summary>What the stack pointer holds when the program starts: the table's word 0.</summary>
    public uint InitialStackPointer => _words[0];

    /// <summary>Where the program starts, with bit 0 set for Thumb: the table's word 1.</summary>
    public uint Reset => _words[1];

    /// <summary>The table at an address of an image; null if its first two words are not in the image.</summary>
    public static VectorTable? TryRead(FirmwareImage image, uint address)
    {
        ArgumentNullException.ThrowIfNull(image);
        Span<byte> bytes = stackalloc byte[SystemVectors * 4];
        var count = SystemVectors;
        while (!image.TryRead(address, bytes[..(count * 4)]))
        {
            count--;
            if (count < 2)
            {
                return null;
            }
        }

        var words = ImmutableArray.CreateBuilder<uint>(count);
        for (var i = 0; i < count; i++)
        {
            words.Add(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(i * 4)..]));
        }

        return new VectorTable(address, words.MoveToImmutable());
    }

    /// <summary>What looks wrong, in plain words; empty if nothing does.</summary>
    /// <param name="image">The image that the table's program is in.</param>
    /// <param name="ramRegions">The chip's RAM; where STM32 have theirs, when null or empty.</param>
    public ImmutableArray<string> Check(FirmwareImage image, IReadOnlyCollection<AddressRange>? ramRegions = null)
    {
        ArgumentNullException.ThrowIfNull(image);
        if (IsBlank(InitialStackPointer) && IsBlank(Reset))
        {
            return [$"the vector table at 0x{Address:X8} is blank"];
        }

        var findings = ImmutableArray.CreateBuilder<string>();
        if (Address % Alignment != 0)
        {
            findings.Add($"the vector table at 0x{Address:X8} does not lie at a multiple of 0x{Alignment:X}");
        }

        CheckStackPointer(ramRegions is { Count: > 0 } ? ramRegions : UsualRam, findings);
        if (IsBlank(Reset))
        {
            findings.Add($"the reset vector 0x{Reset:X8} is blank");
        }
        else
        {
            CheckHandler(image, "the reset vector", Reset, findings);
        }

        foreach (var (index, name) in Handlers)
        {
            // Zero is what unused vectors and those that a core lacks hold.
            if (index < _words.Length && _words[index] != 0)
            {
                CheckHandler(image, $"the {name} vector", _words[index], findings);
            }
        }

        return findings.ToImmutable();
    }

    private static bool IsBlank(uint word) => word is 0 or 0xFFFF_FFFF;

    private static void CheckHandler(FirmwareImage image, string name, uint vector, ImmutableArray<string>.Builder findings)
    {
        if ((vector & 1) == 0)
        {
            findings.Add($"{name} 0x{vector:X8} is even, so it names no Thumb code");
        }
        else if (!image.Covers(new AddressRange(vector - 1, 2)))
        {
            findings.Add($"{name} 0x{vector:X8} points outside the image");
        }
    }

    private void CheckStackPointer(IReadOnlyCollection<AddressRange> ramRegions, ImmutableArray<string>.Builder findings)
    {
        var pointer = InitialStackPointer;
        if (pointer % 4 != 0)
        {
            findings.Add($"the initial stack pointer 0x{pointer:X8} is not a multiple of 4");
        }

        // The stack grows down from the word below, so one past a region's end is right, and its start is not.
        if (!ramRegions.Any(region => pointer > region.Start && pointer <= region.End))
        {
            findings.Add($"the initial stack pointer 0x{pointer:X8} is not in RAM");
        }
    }
}
