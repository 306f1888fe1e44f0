using Defuse.Devices;
using Defuse.Targets.Dfu;

namespace Defuse.Core.Tests.Planning;

/// <summary>Devices to plan for, described as a ROM describes them.</summary>
internal static class Targets
{
    public const string F767 = "@Internal Flash  /0x08000000/04*032Kg,01*128Kg,07*256Kg";

    public static TargetDescription Of(string flash = F767, ushort release = 0x2200, int blockSize = 2048, params string[] others)
    {
        var regions = new[] { flash }.Concat(others).Select((x, i) => MemoryLayoutString.TryParse(x, (byte)i)!).ToList();
        var candidates = ChipDatabase.Default.Identify(regions, release);
        return new TargetDescription
        {
            Name = "STM32  BOOTLOADER",
            Address = "test:",
            Memory = new MemoryMap(regions),
            Candidates = candidates,
            BlockSize = blockSize,
            WriteUnit = candidates.IsEmpty ? TargetDescription.DefaultWriteUnit : candidates.Max(x => x.Chip.WriteUnit),
            VendorId = 0x0483,
            ProductId = 0xDF11,
        };
    }
}
