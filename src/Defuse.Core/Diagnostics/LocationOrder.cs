namespace Defuse.Diagnostics;

/// <summary>Orders places as people count ports: 1-2 before 1-10.</summary>
internal sealed class LocationOrder : IComparer<string?>
{
    public static LocationOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var (one, other) = (x ?? "", y ?? "");
        int i = 0, j = 0;
        while (i < one.Length && j < other.Length)
        {
            int order;
            if (char.IsAsciiDigit(one[i]) && char.IsAsciiDigit(other[j]))
            {
                var number = Number(one, ref i);
                var otherNumber = Number(other, ref j);
                order = number.Length != otherNumber.Length ? number.Length - otherNumber.Length : string.CompareOrdinal(number, otherNumber);
            }
            else
            {
                order = one[i++] - other[j++];
            }

            if (order != 0)
            {
                return order;
            }
        }

        return (one.Length - i) - (other.Length - j) is not 0 and var rest ? rest : string.CompareOrdinal(one, other);
    }

    // Without leading zeros, so that the longer one is the larger one.
    private static string Number(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return text[start..at].TrimStart('0');
    }
}
