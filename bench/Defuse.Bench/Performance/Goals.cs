using System.Collections.Immutable;

namespace Defuse.Bench.Performance;

/// <summary>What the goals of real seconds are called.</summary>
internal static class Goals
{
    public const string SideBySide = "16 boards in one process, of the time of one";
    public const string Version = "`defuse --version`, milliseconds";
    public const string Fresh = "virtual machine: a fresh image, of dfu-util's time";
    public const string Unchanged = "virtual machine: unchanged, of the time of one read and 0.5 s";
    public const string NothingSent = "virtual machine: unchanged, data blocks sent";
    public const string OneByte = "virtual machine: one byte changed, of the time of unchanged and of the sector's erase, program and read";
    public const string EraseChip = "virtual machine: `--erase chip`, of dfu-util's time sector by sector";

    public static ImmutableArray<string> OfTheKernel { get; } = [Fresh, Unchanged, NothingSent, OneByte, EraseChip];
}
