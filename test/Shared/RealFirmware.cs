namespace Defuse.Testing;

/// <summary>Firmware files made by others, which tests use when they lie beside the repository and skip without.</summary>
internal static class RealFirmware
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file's bytes; skips the test if it is not there.</summary>
    /// <param name="name">Its name in ../shared/firmware.</param>
    public static byte[] Read(string name)
    {
        var path = Path.Combine(Root, "..", "shared", "firmware", name);
        Assert.SkipUnless(File.Exists(path), $"{name} is not in ../shared/firmware");
        return File.ReadAllBytes(path);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Defuse.slnx")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests do not run inside the repository.");
    }
}
