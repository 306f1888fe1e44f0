using System.Text;

namespace Defuse.Core.Tests.Formats;

/// <summary>UF2 blocks from the specification's table, with no code of the product and no rule kept.</summary>
internal static class RawUf2
{
    public const uint Stm32F4 = 0x5775_5A57;
    public const uint Stm32F7 = 0x53B8_0F00;
    public const uint Rp2040 = 0xE48B_FF56;

    public static byte[] Block(
        uint address, byte[] payload, uint number, uint count, uint? family = Stm32F7, uint flags = 0, uint? size = null, byte[]? behind = null,
        uint end = 0x0AB1_6F30)
    {
        byte[] data = [.. payload, .. behind ?? []];
        return
        [
            .. "UF2\n"u8, .. RawElf.Words(
                0x9E5D_5157, flags | (family is null ? 0 : 0x2000u), address, size ?? (uint)payload.Length, number, count, family ?? 0),
            .. data, .. new byte[476 - data.Length], .. BitConverter.GetBytes(end),
        ];
    }

    public static byte[] Tag(uint type, byte[] data) =>
        [.. BitConverter.GetBytes((type << 8) | (uint)(4 + data.Length)), .. data, .. new byte[-data.Length & 3]];

    public static byte[] Tag(uint type, string text) => Tag(type, Encoding.UTF8.GetBytes(text));

    /// <summary>Blocks of 256 bytes from an address on, as a file.</summary>
    public static byte[] File(uint address, byte[] data, uint? family = Stm32F7) =>
        [.. data.Chunk(256).SelectMany((x, i) => Block(address + (uint)(256 * i), x, (uint)i, (uint)((data.Length + 255) / 256), family))];
}
