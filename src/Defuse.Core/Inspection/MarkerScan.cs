using System.Collections.Immutable;
using System.Text;

namespace Defuse.Inspection;

/// <summary>Finds many byte strings in one pass (Aho and Corasick, 1975): the time does not depend on what is found.</summary>
/// <remarks>Immutable after construction.</remarks>
internal sealed class MarkerScan
{
    /// <summary>An image repeats a marker this often only to waste time.</summary>
    public const int MostHits = 256;

    private readonly byte[] _classes = new byte[256];
    private readonly int _classCount;
    private readonly ushort[] _next;
    private readonly ImmutableArray<ImmutableArray<int>> _found;

    /// <param name="markers">The strings, one byte a character; no two the same.</param>
    public MarkerScan(IEnumerable<string> markers)
    {
        Markers = [.. markers];
        var bytes = Markers.Select(Encoding.Latin1.GetBytes).ToList();
        foreach (var value in bytes.SelectMany(x => x))
        {
            if (_classes[value] == 0)
            {
                _classes[value] = (byte)++_classCount;
            }
        }

        // Class 0 is every byte that no marker has.
        _classCount++;
        var next = new List<int[]> { NewState() };
        var found = new List<List<int>> { new() };
        for (var marker = 0; marker < bytes.Count; marker++)
        {
            var state = 0;
            foreach (var value in bytes[marker])
            {
                var step = _classes[value];
                if (next[state][step] == 0)
                {
                    next[state][step] = next.Count;
                    next.Add(NewState());
                    found.Add([]);
                }

                state = next[state][step];
            }

            found[state].Add(marker);
        }

        Link(next, found);
        _next = [.. next.SelectMany(x => x).Select(x => (ushort)x)];
        _found = [.. found.Select(x => x.ToImmutableArray())];
    }

    /// <summary>The strings, in the order that <see cref="Run"/> numbers them.</summary>
    public ImmutableArray<string> Markers { get; }

    /// <summary>Adds the offset of every marker's first byte to its list, as long as that has room.</summary>
    public void Run(ReadOnlySpan<byte> data, Action<int, int> hit)
    {
        var state = 0;
        for (var i = 0; i < data.Length; i++)
        {
            state = _next[(state * _classCount) + _classes[data[i]]];
            if (state != 0 && !_found[state].IsEmpty)
            {
                foreach (var marker in _found[state])
                {
                    hit(marker, i + 1 - Markers[marker].Length);
                }
            }
        }
    }

    private int[] NewState() => new int[_classCount];

    // Breadth first: where a state has no way on, it goes where the longest suffix of what was read does.
    private static void Link(List<int[]> next, List<List<int>> found)
    {
        var suffix = new int[next.Count];
        var queue = new Queue<int>(next[0].Where(x => x != 0));
        while (queue.TryDequeue(out var state))
        {
            found[state].AddRange(found[suffix[state]]);
            for (var step = 0; step < next[state].Length; step++)
            {
                var target = next[state][step];
                var fallback = next[suffix[state]][step];
                if (target == 0)
                {
                    next[state][step] = fallback;
                }
                else
                {
                    suffix[target] = fallback;
                    queue.Enqueue(target);
                }
            }
        }
    }
}
