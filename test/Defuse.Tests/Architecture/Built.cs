using System.Collections.Concurrent;

namespace Defuse.Tests.Architecture;

/// <summary>The project's own assemblies as they were built.</summary>
internal static class Built
{
    private static readonly ConcurrentDictionary<string, AssemblyScan> Scans = new(StringComparer.Ordinal);

    /// <summary>The libraries, which are packages of their own.</summary>
    public static IReadOnlyList<string> Libraries { get; } =
        ["Defuse.Core", "Defuse.UsbIp", "Defuse.Platform", "Defuse.Simulator", "Defuse"];

    public static AssemblyScan Library(string name) => Scans.GetOrAdd(name, x => AssemblyScan.Of(Path.Combine(AppContext.BaseDirectory, x + ".dll")));

    /// <summary>The command's assembly, which lies where its own project is built.</summary>
    public static AssemblyScan Cli => Scans.GetOrAdd("src/Defuse.Cli", x =>
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory);
        var project = Checkout.At(x);
        return AssemblyScan.Of(Path.Combine(project, "bin", output.Parent!.Name, output.Name, "Defuse.Cli.dll"));
    });

    /// <summary>Whether the folder below src/ holds source files, so that the rules for it must see types.</summary>
    public static bool HasSource(string folder)
    {
        var path = Checkout.At("src", folder);
        return Directory.Exists(path) && new DirectoryInfo(path).EnumerateFiles("*.cs", SearchOption.AllDirectories)
            .Any(x => !Path.GetRelativePath(path, x.FullName).Split(Path.DirectorySeparatorChar).Any(y => y is "obj" or "bin"));
    }
}
