using System.Diagnostics;

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

    /// <summary>Runs a program to its end, which has to be a good one.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        List<string> words = [.. arguments];
        using var process = Process.Start(new ProcessStartInfo(program, words) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = process.StandardError.ReadToEndAsync(cancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
        await process.WaitForExitAsync(cancellationToken);
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', words)}: {process.ExitCode}, {await errors}");
        return output;
    }

    /// <inheritdoc cref="RunAsync"/>
    public static string Run(string program, params IEnumerable<string> arguments) =>
        RunAsync(program, arguments, TestContext.Current.CancellationToken).GetAwaiter().GetResult();

    /// <summary>The paths of all real firmware files; skips the test when they are not there.</summary>
    public static string[] AllFirmware()
    {
        var folder = Checkout.At("..", "shared", "firmware");
        Assert.SkipUnless(Directory.Exists(folder), "../shared/firmware is not there");
        return Directory.GetFiles(folder, "*", SearchOption.AllDirectories);
    }

    /// <summary>The folder of hand-made odd files that is in the repository.</summary>
    public static string Corpus() => Path.Combine(Checkout.Project, "Formats", "Corpus");

    private static byte[] Read(string folder, string name)
    {
        var path = Checkout.At("..", "shared", folder, name);
        Assert.SkipUnless(File.Exists(path), $"../shared/{folder}/{name} is not there");
        return File.ReadAllBytes(path);
    }
}
