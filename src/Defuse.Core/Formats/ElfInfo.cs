namespace Defuse.Formats;

/// <summary>What an ELF file says of its program beside the bytes.</summary>
public sealed record ElfInfo
{
    /// <summary>The linker's build id in hexadecimal, two digits a byte (note NT_GNU_BUILD_ID); null if there is none.</summary>
    public string? BuildId { get; init; }

    /// <summary>The compiler or linker that the section .comment names, printable, at most 120 characters; null if none is named.</summary>
    public string? Toolchain { get; init; }

    /// <summary>
    /// The architecture that the code was compiled for, such as "ARMv7E-M", by the build attribute Tag_CPU_arch; null if that is not said
    /// or not a Cortex-M's.
    /// </summary>
    public string? Architecture { get; init; }

    /// <summary>Whether functions take floating-point arguments in the FPU's registers (EF_ARM_ABI_FLOAT_HARD), so that a chip without FPU cannot run it.</summary>
    public bool IsHardFloat { get; init; }

    /// <summary>Whether there is debug information in DWARF's form.</summary>
    public bool HasDebugInfo { get; init; }
}
