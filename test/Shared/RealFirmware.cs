namespace Defuse.Testing;

/// <summary>Firmware files made by others, which tests use when they lie beside the repository and skip without.</summary>
internal static class RealFirmware
{
    /// <summary>A file's bytes; skips the test if it is not there.</summary>
    /// <param name="name">Its name in ../shared/firmware.</param>
    public static byte[] Read(string name)
    {
        var path = Checkout.At("..", "shared", "firmware", name);
        Assert.SkipUnless(File.Exists(path), $"{name} is not in ../shared/firmware");
        return File.ReadAllBytes(path);
    }
}
