using System.Collections.Immutable;

namespace Defuse.Diagnostics;

/// <summary>Lines of a diagnosis, broken at spaces.</summary>
internal sealed class DiagnosisPage(int width)
{
    private const int Column = 12;

    private readonly List<DiagnosisLine> _lines = [];

    public ImmutableArray<DiagnosisLine> Lines => [.. _lines];

    /// <summary>An empty line, unless nothing or another one stands above it.</summary>
    public void Blank()
    {
        if (_lines.Count > 0 && _lines[^1].Kind != DiagnosisLineKind.Blank)
        {
            _lines.Add(new DiagnosisLine(DiagnosisLineKind.Blank, ""));
        }
    }

    /// <summary>A text, with what its first line begins with and what the others do.</summary>
    public void Add(DiagnosisLineKind kind, string first, string text, string? indent = null)
    {
        var rest = text;
        var begin = first;
        while (begin.Length + rest.Length > width)
        {
            var cut = rest.LastIndexOf(' ', Math.Max(1, width - begin.Length));
            if (cut <= 0 && (cut = rest.IndexOf(' ', StringComparison.Ordinal)) < 0)
            {
                break;
            }

            _lines.Add(new DiagnosisLine(kind, begin + rest[..cut]));
            rest = rest[(cut + 1)..];
            begin = indent ?? first;
        }

        _lines.Add(new DiagnosisLine(kind, begin + rest));
    }

    /// <summary>A label and what it stands for; nothing if that is empty.</summary>
    public void Field(string label, string text)
    {
        if (text.Length > 0)
        {
            Add(DiagnosisLineKind.Seen, ("  " + label).PadRight(Column + 1), text, new string(' ', Column + 1));
        }
    }

    public void Command(string line) => _lines.Add(new DiagnosisLine(DiagnosisLineKind.Command, line));

    public void Drawing(IEnumerable<string> lines) => _lines.AddRange(lines.Select(x => new DiagnosisLine(DiagnosisLineKind.Drawing, x)));
}
