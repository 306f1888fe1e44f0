using System.Text.RegularExpressions;

namespace Defuse.DataCompiler;

/// <summary>The sources that figures may name: data/sources.txt.</summary>
internal sealed partial class Sources
{
    private readonly Dictionary<string, Source> _byKey = new(StringComparer.Ordinal);
    private readonly Problems _problems;

    public Sources(DataFolder folder, Problems problems)
    {
        _problems = problems;
        foreach (var line in folder.Lines("sources.txt"))
        {
            if (line.Cells is not [var key, var name, var use, _, _] || use is not ("ship" or "compare"))
            {
                problems.Add(line, "a source is 'key | name | ship or compare | licence | where'");
            }
            else if (!_byKey.TryAdd(key, new Source(key, name, string.Equals(use, "compare", StringComparison.Ordinal))))
            {
                problems.Add(line, $"source {key} is there twice");
            }
        }
    }

    /// <summary>The text for people of what a figure names: "key, key(place in it)".</summary>
    public string Describe(DataLine line, string text, string figure)
    {
        if (!List().IsMatch(text))
        {
            _problems.Add(line, text.Length == 0 ? $"{figure} names no source" : $"sources are 'key, key(place in it)', not '{text}'");
            return "";
        }

        var names = new List<string>();
        var ships = false;
        foreach (Match match in Item().Matches(text))
        {
            var key = match.Groups["key"].Value;
            if (!_byKey.TryGetValue(key, out var source))
            {
                _problems.Add(line, $"{figure} names source '{key}', which sources.txt does not have");
                continue;
            }

            ships |= !source.CompareOnly;
            names.Add(match.Groups["place"] is { Success: true } place ? $"{source.Name} ({place.Value})" : source.Name);
        }

        if (!ships)
        {
            _problems.Add(line, $"{figure} rests only on sources that may be compared with, not taken from");
        }

        return string.Join("; ", names);
    }

    [GeneratedRegex(@"^[A-Za-z0-9-]+(\([^()]*\))?(, [A-Za-z0-9-]+(\([^()]*\))?)*$")]
    private static partial Regex List();

    [GeneratedRegex(@"(?<key>[A-Za-z0-9-]+)(\((?<place>[^)]*)\))?")]
    private static partial Regex Item();
}
