using System.Text;

namespace Defuse.Testing;

/// <summary>Compares what a test made with a file that is kept in the repository.</summary>
/// <remarks>With the environment variable DEFUSE_ACCEPT=1 it writes the file anew instead, for a person to look over.</remarks>
internal static class Golden
{
    private const int MostLinesShown = 60;

    /// <summary>Fails if the text is not the file's; line endings do not count.</summary>
    /// <param name="name">The file's name, without its ".txt".</param>
    /// <param name="actual">What the test made.</param>
    /// <param name="folder">A folder of the test project.</param>
    public static void Check(string name, string actual, string folder = "Golden")
    {
        var path = Path.Combine(Checkout.Project, folder, name + ".txt");
        var accept = Environment.GetEnvironmentVariable("DEFUSE_ACCEPT") == "1";
        if (Difference(path, actual, accept) is { } difference)
        {
            Assert.Fail(difference);
        }
    }

    /// <summary>What <see cref="Check"/> fails with; null if the text is the file's or has been accepted.</summary>
    internal static string? Difference(string path, string actual, bool accept)
    {
        actual = Normalized(actual);
        var expected = File.Exists(path) ? Normalized(File.ReadAllText(path)) : null;
        if (actual == expected)
        {
            return null;
        }

        if (accept)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, actual);
            return null;
        }

        var message = new StringBuilder(expected is null ? $"There is no {path}." : $"{path} (-) differs from what the test made (+):");
        message.Append('\n');
        var lines = Lines((expected ?? "").Split('\n'), actual.Split('\n'));
        message.AppendJoin('\n', lines.Take(MostLinesShown));
        if (lines.Count > MostLinesShown)
        {
            message.Append($"\n… and {lines.Count - MostLinesShown} more lines");
        }

        return message.Append("\nIf this is meant, run the test with DEFUSE_ACCEPT=1, which writes the file, and look over the change.").ToString();
    }

    private static string Normalized(string text) => text.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";

    // The lines that only one side has, in order, by their longest common subsequence.
    private static List<string> Lines(string[] expected, string[] actual)
    {
        var start = expected.AsSpan().CommonPrefixLength(actual);
        var (left, right) = (expected[start..], actual[start..]);
        var common = new int[left.Length + 1, right.Length + 1];
        for (var i = left.Length - 1; i >= 0; i--)
        {
            for (var j = right.Length - 1; j >= 0; j--)
            {
                common[i, j] = left[i] == right[j] ? common[i + 1, j + 1] + 1 : Math.Max(common[i + 1, j], common[i, j + 1]);
            }
        }

        var lines = new List<string>();
        for (int i = 0, j = 0; i < left.Length || j < right.Length;)
        {
            if (i < left.Length && j < right.Length && left[i] == right[j])
            {
                (i, j) = (i + 1, j + 1);
            }
            else if (j == right.Length || (i < left.Length && common[i + 1, j] >= common[i, j + 1]))
            {
                lines.Add($"{start + i + 1,5} - {left[i++]}");
            }
            else
            {
                lines.Add($"{start + j + 1,5} + {right[j++]}");
            }
        }

        return lines;
    }
}
