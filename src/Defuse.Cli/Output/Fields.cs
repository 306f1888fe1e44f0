namespace Defuse.Cli.Output;

/// <summary>Names and values in two columns.</summary>
internal static class Fields
{
    private const int Column = 14;
    private const int Width = 96;

    public static string Line(string name, string value) => $"  {name.PadRight(Column)}{value}";

    /// <summary>A value that may take several lines, broken at spaces.</summary>
    /// <param name="name">What it is of, in the first line.</param>
    /// <param name="value">The value.</param>
    /// <param name="indent">How far the second line and those after it are set in.</param>
    public static IEnumerable<string> Wrap(string name, string value, int indent = 0)
    {
        var rest = value;
        while (rest.Length > Width - Column)
        {
            var cut = rest.AsSpan(0, Width - Column).LastIndexOf(' ');
            if (cut <= indent)
            {
                break;
            }

            yield return Line(name, rest[..cut]);
            name = "";
            rest = new string(' ', indent) + rest[(cut + 1)..];
        }

        yield return Line(name, rest);
    }

    /// <summary>Breaks lines that are too wide for a terminal at spaces, with what follows under their values.</summary>
    /// <param name="line">A line of a label and a value.</param>
    /// <param name="indent">Where values stand.</param>
    /// <param name="width">How many columns there are.</param>
    public static IEnumerable<string> Fold(string line, int indent, int width)
    {
        while (line.Length > width && width > indent * 2)
        {
            var cut = line.LastIndexOf(' ', width);
            if (cut <= indent)
            {
                break;
            }

            yield return line[..cut];
            line = new string(' ', indent) + line[(cut + 1)..];
        }

        yield return line;
    }
}
