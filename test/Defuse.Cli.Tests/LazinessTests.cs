using System.Reflection;
using System.Runtime.Loader;

namespace Defuse.Cli.Tests;

public class LazinessTests
{
    [Theory]
    [InlineData("--version")]
    [InlineData("--help")]
    public void What_needs_no_chip_loads_none(string argument)
    {
        var context = new Fresh();
        var program = context.LoadFromAssemblyPath(typeof(CliApplication).Assembly.Location);
        var exitCode = program.EntryPoint!.Invoke(null, [new[] { argument }]);
        var core = context.LoadFromAssemblyName(new AssemblyName("Defuse.Core"));
        var isLoaded = core.GetType("Defuse.Devices.DeviceTables")!.GetProperty("IsLoaded")!;

        Assert.Equal(0, exitCode);
        Assert.False((bool)isLoaded.GetValue(null)!);
    }

    /// <summary>Copies of Defuse's assemblies that nobody has used yet.</summary>
    private sealed class Fresh() : AssemblyLoadContext("fresh", isCollectible: true)
    {
        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name!.StartsWith("Defuse", StringComparison.Ordinal)
                ? LoadFromAssemblyPath(Path.Combine(AppContext.BaseDirectory, $"{assemblyName.Name}.dll"))
                : null;
    }
}
