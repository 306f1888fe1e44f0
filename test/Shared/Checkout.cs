namespace Defuse.Testing;

/// <summary>The source tree that the tests were built in.</summary>
/// <remarks>Found from where the tests lie: a build for continuous integration records source paths as /_/…, which nothing is at.</remarks>
internal static class Checkout
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = Above("Defuse.slnx");

    /// <summary>The folder of the test project that runs.</summary>
    public static string Project { get; } = Above("*.csproj");

    /// <summary>A path below the repository's root.</summary>
    public static string At(params ReadOnlySpan<string> path) => Path.Combine([Root, .. path]);

    private static string Above(string pattern)
    {
        for (var folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (Directory.EnumerateFiles(folder, pattern).Any())
            {
                return folder;
            }
        }

        throw new InvalidOperationException($"No {pattern} lies above {AppContext.BaseDirectory}: tests run where they were built.");
    }
}
