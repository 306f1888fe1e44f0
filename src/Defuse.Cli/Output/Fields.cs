namespace Defuse.Cli.Output;

/// <summary>Names and values in two columns.</summary>
internal static class Fields
{
    private const int Column = 14;
    private const int Width = 96;

    public static string Line(string name, string value) => $"  {name.PadRight(Column)}{value}";

    /// <summary>A value that may take several lines, broken at spaces.</summary>
    public static IEnumerable<string> Wrap(string name, string value)
    {
        var rest = value.AsMemory();
        while (rest.Length > Width - Column)
        {
            var cut = rest.Span[..(Width - Column)].LastIndexOf(' ');
            if (cut <= 0)
            {
                break;
            }

            yield return Line(name, rest[..cut].ToString());
            name = "";
            rest = rest[(cut + 1)..];
        }

        yield return Line(name, rest.ToString());
    }
}
