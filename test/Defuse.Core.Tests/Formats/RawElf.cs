using System.Text;

namespace Defuse.Core.Tests.Formats;

/// <summary>ELF files from the specification's tables, field by field, with no code of the product and no rule kept.</summary>
internal sealed class RawElf
{
    private readonly List<byte[]> _segments = [];
    private readonly List<(string Name, uint Type, uint Flags, uint Address, byte[] Data, uint? Size)> _sections = [];
    private readonly List<byte> _body = [];

    public byte Class { get; init; } = 1;

    public byte Order { get; init; } = 1;

    public ushort Type { get; init; } = 2;

    public ushort Machine { get; init; } = 40;

    public uint Entry { get; init; }

    public uint Flags { get; init; } = 0x0500_0000;

    public uint? SegmentTable { get; init; }

    public ushort? SegmentCount { get; init; }

    /// <summary>A program header for bytes that are put into the file, or for those that lie at an offset already.</summary>
    public RawElf Segment(uint address, byte[] data, uint type = 1, uint? virtualAddress = null, uint? offset = null, uint? size = null, uint? memory = null)
    {
        _segments.Add(Words(
            type, offset ?? (uint)(52 + _body.Count), virtualAddress ?? address, address, size ?? (uint)data.Length, memory ?? (uint)data.Length, 5, 4));
        _body.AddRange(data);
        return this;
    }

    public RawElf Section(string name, uint address, byte[] data, uint type = 1, uint flags = 2, uint? size = null)
    {
        _sections.Add((name, type, flags, address, data, size));
        return this;
    }

    public byte[] Bytes()
    {
        var body = new List<byte>(_body);
        var headers = new List<byte>();
        if (_sections.Count > 0)
        {
            var names = new StringBuilder("\0");
            headers.AddRange(new byte[40]);
            foreach (var section in _sections.Append((".shstrtab", 3u, 0u, 0u, [], null)))
            {
                var name = (uint)names.Length;
                names.Append(section.Item1).Append('\0');
                var data = section.Item1 == ".shstrtab" ? Encoding.Latin1.GetBytes(names.ToString()) : section.Item5;
                headers.AddRange(Words(
                    name, section.Item2, section.Item3, section.Item4, (uint)(52 + body.Count), section.Item6 ?? (uint)data.Length, 0, 0, 1, 0));
                body.AddRange(data);
            }
        }

        var segmentTable = SegmentTable ?? (_segments.Count == 0 ? 0 : (uint)(52 + body.Count));
        var sectionTable = headers.Count == 0 ? 0 : (uint)(52 + body.Count + (32 * _segments.Count));
        var sectionCount = headers.Count / 40;
        return
        [
            0x7F, .. "ELF"u8, Class, Order, 1, .. new byte[9], .. Halves(Type, Machine), .. Words(1, Entry, segmentTable, sectionTable, Flags),
            .. Halves(52, 32, SegmentCount ?? (ushort)_segments.Count, 40, (ushort)sectionCount, (ushort)Math.Max(0, sectionCount - 1)),
            .. body, .. _segments.SelectMany(x => x), .. headers,
        ];
    }

    /// <summary>A note as it lies in a segment or a section.</summary>
    public static byte[] Note(string owner, uint type, byte[] content) =>
    [
        .. Words((uint)owner.Length + 1, (uint)content.Length, type), .. Padded(Encoding.ASCII.GetBytes(owner + "\0")), .. Padded(content),
    ];

    public static byte[] Words(params uint[] words) => [.. words.SelectMany(BitConverter.GetBytes)];

    private static byte[] Halves(params ushort[] halves) => [.. halves.SelectMany(BitConverter.GetBytes)];

    private static byte[] Padded(byte[] bytes) => [.. bytes, .. new byte[-bytes.Length & 3]];
}
