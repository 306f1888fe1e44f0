#pragma warning disable CA1034, CA1051, CA1000, CA1815, CA1003, CA1045
namespace Defuse.Tests.PublicApi;

// One of each kind of declaration, so that the rendering is looked over like the APIs themselves.
public abstract class Example<T>(int count = 3, string? name = null) : IDisposable
    where T : class, IComparable<T>, new()
{
    public const uint Mask = 0xFF;

    public readonly int Count = count;

    protected int Hidden => Count;

    internal int Internal => 1;

    public required string? Name { get; init; } = name;

    public static IReadOnlyDictionary<string, List<T?>?> All { get; private set; } = null!;

    public virtual T? this[int index] => null;

    public event EventHandler<Kind>? Changed
    {
        add { }
        remove { }
    }

    public abstract ValueTask<(int Number, string? Text)> RunAsync(Memory<byte>? data, CancellationToken cancellationToken = default);

    public bool TryGet<TResult>(string[] keys, ref int cursor, in Kind kind, out TResult? result, params object?[] others)
        where TResult : struct
    {
        result = null;
        return false;
    }

    public override string ToString() => "";

    public void Dispose() => GC.SuppressFinalize(this);

    public static Example<T> operator +(Example<T> left, Kind right) => left;

    public enum Kind : byte
    {
        One = 1,
        Two = 2,
    }

    public delegate void Change(Kind kind);
}

public interface IExample
{
    int Count { get; }

    void Run() => Stop();

    void Stop();
}

public readonly record struct Point(int X, int Y);
