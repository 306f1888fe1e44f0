using System.Text.RegularExpressions;

namespace Defuse.Core.Tests.Transports.Tracing;

/// <summary>Traces that nobody recorded, made of one that somebody did.</summary>
internal static partial class Mutation
{
    private static readonly string[] Values =
    [
        "null", "true", "[]", "[null]", "{}", "\"\"", "\"ff\"", "\"ffff/01/02\"", "[\"ffff/01/02\"]", "[\"fe/01/02\",null]", "-1", "0", "256", "1e300", "1e999",
        "86400001", "2147483648", "\"99\"", "\"stall\"", "\"disconnected\"", "\"\\ud800\"", "\"a103000000000600\"", "\"000000000400\"", "\"00ffffff0400\"", "\"000000000a00\"",
    ];

    /// <summary>One to three changes.</summary>
    public static string Of(string[] lines, Random random)
    {
        var changed = lines.ToList();
        for (var i = random.Next(3); i >= 0; i--)
        {
            // What comes first is read by all.
            var at = random.Next(2) == 0 ? random.Next(changed.Count) : random.Next(Math.Min(40, changed.Count));
            switch (random.Next(7))
            {
                case 0:
                    changed.RemoveAt(at);
                    break;
                case 1:
                    changed.Insert(at, changed[random.Next(changed.Count)]);
                    break;
                case 2:
                    changed[at] = changed[at][..random.Next(changed[at].Length)];
                    break;
                case 3:
                    var where = random.Next(Math.Max(1, changed[at].Length));
                    changed[at] = changed[at][..where] + (char)random.Next(1, 256) + changed[at][Math.Min(where + 1, changed[at].Length)..];
                    break;
                case 4:
                    // Bytes that a device sends.
                    changed[at] = Answer().Replace(changed[at], x => $"\"in\":\"{Bytes(x.Groups[1].Value, random)}\"");
                    break;
                default:
                    var members = Member().Matches(changed[at]);
                    if (members.Count > 0)
                    {
                        var value = members[random.Next(members.Count)].Groups[1];
                        changed[at] = changed[at][..value.Index] + Values[random.Next(Values.Length)] + changed[at][(value.Index + value.Length)..];
                    }

                    break;
            }

            if (changed.Count == 0)
            {
                break;
            }
        }

        return string.Join('\n', changed);
    }

    private static string Bytes(string hex, Random random)
    {
        var bytes = Convert.FromHexString(hex);
        if (bytes.Length > 0)
        {
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return Convert.ToHexStringLower(random.Next(3) == 0 ? bytes.AsSpan(0, random.Next(bytes.Length + 1)) : bytes);
    }

    [GeneratedRegex("\"in\":\"((?:[0-9a-f]{2})*)\"")]
    private static partial Regex Answer();

    [GeneratedRegex("\"[a-zA-Z]+\":(\"[^\"]*\"|-?[0-9.]+|\\[[^\\]]*\\])")]
    private static partial Regex Member();
}
