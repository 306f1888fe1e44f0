using System.Collections.Immutable;

namespace Defuse.Formats;

/// <summary>Collects what was tolerated, and stops before a hostile file makes a library of it.</summary>
internal sealed class Warnings
{
    private const int Limit = 20;
    private readonly List<string> _texts = [];
    private long _untold;

    /// <summary>Makes room for one more text; false, and counted, if there are enough of them already.</summary>
    public bool HasRoom()
    {
        if (_texts.Count < Limit)
        {
            return true;
        }

        _untold++;
        return false;
    }

    /// <summary>Adds a text; what can come often asks <see cref="HasRoom"/> first.</summary>
    public void Add(string text) => _texts.Add(text);

    public ImmutableArray<string> ToImmutable() => _untold == 0 ? [.. _texts] : [.. _texts, $"and {_untold} more oddities"];
}
