using System.Text;

namespace Defuse.Core.Tests.Formats;

/// <summary>DfuSe files from their documents' tables, field by field, with no code of the product and no rule kept.</summary>
internal sealed class RawDfuSe
{
    private readonly List<byte[]> _targets = [];

    /// <summary>The 24 bytes that the written facts' samples hold.</summary>
    public static byte[] SampleImage { get; } =
    [
        .. new uint[] { 0x20020000, 0x08000009, 0x08000011, 0x08000011, 0xE7FEE7FE, 0xE7FEE7FE }.SelectMany(BitConverter.GetBytes),
    ];

    public byte Version { get; init; } = 1;

    public uint? ImageSize { get; init; }

    public byte? TargetCount { get; init; }

    public ushort Vendor { get; init; } = 0x0483;

    public ushort Product { get; init; } = 0xDF11;

    public ushort Device { get; init; } = 0xFFFF;

    public ushort DfuVersion { get; init; } = 0x011A;

    public byte SuffixLength { get; init; } = 16;

    public byte[] Leftover { get; init; } = [];

    public static byte[] Element(uint address, byte[] data, uint? size = null) =>
        [.. BitConverter.GetBytes(address), .. BitConverter.GetBytes(size ?? (uint)data.Length), .. data];

    public RawDfuSe Target(
        byte alternate, string name, byte[][] elements, uint? named = null, uint? size = null, uint? count = null, string magic = "Target")
    {
        var body = elements.SelectMany(x => x).ToArray();
        var field = new byte[255];
        Encoding.Latin1.GetBytes(name).CopyTo(field, 0);
        _targets.Add(
        [
            .. Encoding.ASCII.GetBytes(magic), alternate, .. BitConverter.GetBytes(named ?? (name.Length > 0 ? 1u : 0)), .. field,
            .. BitConverter.GetBytes(size ?? (uint)body.Length), .. BitConverter.GetBytes(count ?? (uint)elements.Length), .. body,
        ]);
        return this;
    }

    public byte[] WithoutSuffix()
    {
        var body = _targets.SelectMany(x => x).ToArray();
        return
        [
            .. "DfuSe"u8, Version, .. BitConverter.GetBytes(ImageSize ?? (uint)(11 + body.Length)), TargetCount ?? (byte)_targets.Count,
            .. body, .. Leftover,
        ];
    }

    public byte[] Bytes() => WithSuffix(WithoutSuffix());

    public byte[] WithSuffix(byte[] body)
    {
        byte[] all =
        [
            .. body, .. new byte[SuffixLength > 16 ? SuffixLength - 16 : 0], .. BitConverter.GetBytes(Device), .. BitConverter.GetBytes(Product),
            .. BitConverter.GetBytes(Vendor), .. BitConverter.GetBytes(DfuVersion), .. "UFD"u8, SuffixLength,
        ];
        return [.. all, .. BitConverter.GetBytes(Crc(all))];
    }

    /// <summary>The file with the CRC that its bytes have.</summary>
    public static byte[] FixCrc(byte[] file)
    {
        if (file.Length >= 16)
        {
            BitConverter.GetBytes(Crc(file.AsSpan(0, file.Length - 4))).CopyTo(file, file.Length - 4);
        }

        return file;
    }

    public static uint Crc(ReadOnlySpan<byte> data)
    {
        var crc = 0xFFFF_FFFF;
        foreach (var value in data)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) * 0xEDB8_8320);
            }
        }

        return crc;
    }
}
