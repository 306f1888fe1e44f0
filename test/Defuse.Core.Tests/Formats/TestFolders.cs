namespace Defuse.Core.Tests.Formats;

/// <summary>Files beside the repository that tests use when they are there.</summary>
internal static class TestFolders
{
    /// <summary>A real firmware file; skips the test when it is not there.</summary>
    public static byte[] Firmware(string name) => Read("firmware", name);

    /// <summary>A sample of the written facts; skips the test when it is not there.</summary>
    public static byte[] Sample(string name) => Read(Path.Combine("facts", "samples"), name);

    /// <summary>The whole path of a program on PATH; skips the test when it is not there.</summary>
    public static string Program(string name)
    {
        var found = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => new[] { Path.Combine(folder, name), Path.Combine(folder, name + ".exe") })
            .FirstOrDefault(File.Exists);
        Assert.SkipWhen(found is null, $"{name} is not on PATH");
        return found!;
    }

    private static byte[] Read(string folder, string name)
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "Defuse.slnx")))
        {
            root = root.Parent;
        }

        var path = Path.Combine(root?.Parent?.FullName ?? "", "shared", folder, name);
        Assert.SkipUnless(File.Exists(path), $"../shared/{folder}/{name} is not there");
        return File.ReadAllBytes(path);
    }
}
