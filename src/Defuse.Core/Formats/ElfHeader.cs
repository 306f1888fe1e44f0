using System.Buffers.Binary;

namespace Defuse.Formats;

/// <summary>The first bytes of an ELF file, as far as they tell whether it is a program for these chips.</summary>
internal static class ElfHeader
{
    public const int Size = 52;

    private const ushort Relocatable = 1;
    private const ushort Executable = 2;
    private const ushort Core = 4;
    private const ushort Arm = 40;
    private const string ForAnother = ", not a program for an STM32";
    private const string GetArm = "give the firmware of the board: an .elf that was built for ARM, or its .hex, .dfu or .bin";

    public static bool Recognizes(ReadOnlySpan<byte> file) => file.StartsWith("\u007FELF"u8);

    /// <summary>What an ELF file is, if no microcontroller of this kind is to hold it; null if it may be one's, or is too short to say.</summary>
    public static ForeignContent? Stranger(ReadOnlySpan<byte> file)
    {
        if (file.Length < Size || file[4] is not (1 or 2) || file[5] is not (1 or 2))
        {
            return null;
        }

        var big = file[5] == 2;
        var type = big ? BinaryPrimitives.ReadUInt16BigEndian(file[16..]) : BinaryPrimitives.ReadUInt16LittleEndian(file[16..]);
        var machine = big ? BinaryPrimitives.ReadUInt16BigEndian(file[18..]) : BinaryPrimitives.ReadUInt16LittleEndian(file[18..]);
        var bits = file[4] == 2 ? "a 64-bit ELF file" : "an ELF file";
        if (machine != Arm)
        {
            return new ForeignContent($"{bits} for {Machine(machine)}", ForAnother, GetArm);
        }

        if (file[4] == 2 || big)
        {
            return new ForeignContent(big ? "a big-endian ELF file for ARM" : $"{bits} for ARM", ForAnother, GetArm);
        }

        return type switch
        {
            Executable => null,
            Relocatable when !ElfReader.IsLinkerInput(file) => null,
            Relocatable => new ForeignContent(
                "an ELF object file", ", not linked yet: its bytes have no addresses", "link it, and give the .elf that the linker makes"),
            Core => new ForeignContent("a core dump in an ELF file", ", the memory of a program that crashed", GetArm),
            3 => new ForeignContent("an ELF shared object", ", which an operating system loads, not a microcontroller", GetArm),
            _ => new ForeignContent($"an ELF file of the type {type}", ForAnother, GetArm),
        };
    }

    private static string Machine(ushort machine) => machine switch
    {
        2 => "SPARC",
        3 => "x86",
        4 => "Motorola 68000",
        8 => "MIPS",
        20 => "PowerPC",
        22 => "S/390",
        42 => "SuperH",
        44 => "TriCore",
        62 => "x86-64",
        83 => "AVR",
        87 => "V850",
        94 => "Xtensa (ESP32, ESP8266)",
        105 => "MSP430",
        164 => "Hexagon",
        173 => "RX",
        183 => "AArch64",
        197 => "RL78",
        243 => "RISC-V",
        258 => "LoongArch",
        _ => $"the machine {machine}",
    };
}
