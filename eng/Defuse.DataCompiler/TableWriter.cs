using System.IO.Compression;
using System.Text;
using Defuse.Images;

namespace Defuse.DataCompiler;

/// <summary>Writes what TableReader reads.</summary>
internal abstract class TableWriter
{
    private readonly List<string> _strings = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);
    private readonly List<byte> _body = [];

    /// <summary>Bytes deflated: how, may change with the version of the deflater.</summary>
    public static byte[] Pack(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        return packed.ToArray();
    }

    /// <summary>All that was written, behind its texts.</summary>
    protected byte[] Whole()
    {
        var whole = new List<byte>();
        Number(whole, _strings.Count);
        foreach (var bytes in _strings.Select(Encoding.UTF8.GetBytes))
        {
            Number(whole, bytes.Length);
            whole.AddRange(bytes);
        }

        whole.AddRange(_body);
        return [.. whole];
    }

    protected void Range(AddressRange range)
    {
        Number(range.Start);
        Number(range.Length);
    }

    protected void Many<T>(IReadOnlyCollection<T> items, Action<T> write)
    {
        Number(items.Count);
        foreach (var item in items)
        {
            write(item);
        }
    }

    protected void Optional<T>(T? value, Action<T> write)
        where T : struct
    {
        Number(value is null ? 0 : 1);
        if (value is { } present)
        {
            write(present);
        }
    }

    protected void OptionalObject<T>(T? value, Action<T> write)
        where T : class
    {
        Number(value is null ? 0 : 1);
        if (value is not null)
        {
            write(value);
        }
    }

    protected void Texts(params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            Text(text);
        }
    }

    protected void Text(string text)
    {
        if (!_numbers.TryGetValue(text, out var number))
        {
            number = _strings.Count;
            _strings.Add(text);
            _numbers.Add(text, number);
        }

        Number(number);
    }

    protected void Number(long value) => Number(_body, value);

    private static void Number(List<byte> bytes, long value)
    {
        while (value > 0x7F)
        {
            bytes.Add((byte)((value & 0x7F) | 0x80));
            value >>= 7;
        }

        bytes.Add((byte)value);
    }
}
