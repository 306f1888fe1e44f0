using System.Globalization;
using System.Text;

namespace Defuse.Bench.Performance;

/// <summary>A table in Markdown.</summary>
internal sealed class Table
{
    private readonly StringBuilder _text = new();

    public Table(params ReadOnlySpan<string> heads)
    {
        Row(heads);
        _text.Append('|');
        for (var i = 0; i < heads.Length; i++)
        {
            _text.Append(i < 2 ? "---|" : "---:|");
        }

        _text.Append('\n');
    }

    public static string Number(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    public static string Milliseconds(TimeSpan time) => Number((long)Math.Round(time.TotalMilliseconds));

    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.00", CultureInfo.InvariantCulture);

    public static string Ratio(double value) => value.ToString("0.000", CultureInfo.InvariantCulture);

    /// <summary>A figure beside what it was to be: bold where it is not reached.</summary>
    public static string Beside(double value, double? goal) => goal switch
    {
        null => Ratio(value),
        _ when value <= goal => $"{Ratio(value)} (≤ {goal.Value.ToString(CultureInfo.InvariantCulture)})",
        _ => $"**{Ratio(value)}** (≤ {goal.Value.ToString(CultureInfo.InvariantCulture)})",
    };

    public void Row(params ReadOnlySpan<string> cells)
    {
        _text.Append('|');
        foreach (var cell in cells)
        {
            _text.Append(' ').Append(cell).Append(" |");
        }

        _text.Append('\n');
    }

    public override string ToString() => _text.ToString();
}
