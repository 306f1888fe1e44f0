using System.Collections.Immutable;
using System.IO.Compression;
using System.Text;
using Defuse.Images;

namespace Defuse.Devices;

/// <summary>
/// Reads unpacked tables. Numbers are varints of seven bits, lowest first; a text is its number in a table at the front;
/// before what may be missing stands a 1 or a 0, before what there may be several of, how many.
/// </summary>
internal abstract class TableReader
{
    private readonly byte[] _bytes;
    private readonly string[] _strings;
    private int _position;

    protected TableReader(byte[] bytes)
    {
        _bytes = bytes;
        _strings = new string[Number()];
        for (var i = 0; i < _strings.Length; i++)
        {
            var length = Number();
            _strings[i] = Encoding.UTF8.GetString(bytes, _position, length);
            _position += length;
        }
    }

    /// <summary>Unpacks what the compiler packed.</summary>
    public static byte[] Inflate(Stream packed)
    {
        using var inflated = new MemoryStream();
        using (var inflate = new DeflateStream(packed, CompressionMode.Decompress))
        {
            inflate.CopyTo(inflated);
        }

        return inflated.ToArray();
    }

    /// <summary>A table that the assembly carries.</summary>
    public static Stream Open(string resource) =>
        typeof(TableReader).Assembly.GetManifestResourceStream(resource)
        ?? throw new InvalidOperationException($"the assembly lacks its resource {resource}");

    protected AddressRange Range() => new(Address(), Long());

    protected string Text() => _strings[Number()];

    protected uint Address() => (uint)Long();

    protected int Number() => (int)Long();

    protected T? Optional<T>(Func<T> read)
        where T : struct => Number() == 0 ? null : read();

    protected T? OptionalObject<T>(Func<T> read)
        where T : class => Number() == 0 ? null : read();

    protected ImmutableArray<T> Many<T>(Func<T> read)
    {
        var items = ImmutableArray.CreateBuilder<T>(Number());
        while (items.Count < items.Capacity)
        {
            items.Add(read());
        }

        return items.MoveToImmutable();
    }

    protected long Long()
    {
        long value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var next = _bytes[_position++];
            value |= (long)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
