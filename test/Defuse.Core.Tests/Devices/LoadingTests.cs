using System.Diagnostics;
using System.Reflection;
using System.Runtime.Loader;
using Defuse.Devices;

namespace Defuse.Core.Tests.Devices;

public class LoadingTests
{
    [Fact]
    public void Nothing_is_loaded_before_it_is_asked_for()
    {
        // A second copy of the assembly, since other tests have used the first.
        var context = new AssemblyLoadContext("fresh", isCollectible: true);
        var core = context.LoadFromAssemblyPath(typeof(ChipDatabase).Assembly.Location);
        var isLoaded = core.GetType("Defuse.Devices.DeviceTables")!.GetProperty("IsLoaded", BindingFlags.Static | BindingFlags.Public)!;
        var chips = core.GetType("Defuse.Devices.ChipDatabase")!;
        var boards = core.GetType("Defuse.Devices.BoardDatabase")!;

        var database = chips.GetProperty("Default")!.GetValue(null);
        _ = boards.GetProperty("Default")!.GetValue(null);
        Assert.False((bool)isLoaded.GetValue(null)!);

        _ = chips.GetProperty("Chips")!.GetValue(database);
        Assert.True((bool)isLoaded.GetValue(null)!);
        context.Unload();
    }

    [Fact]
    public void Loading_takes_a_few_milliseconds()
    {
        var best = TimeSpan.MaxValue;
        for (var i = 0; i < 10; i++)
        {
            using var packed = typeof(ChipDatabase).Assembly.GetManifestResourceStream("Defuse.Devices.Data.devices.bin")!;
            var started = Stopwatch.GetTimestamp();
            _ = DeviceTables.Unpack(packed);
            var elapsed = Stopwatch.GetElapsedTime(started);
            best = elapsed < best ? elapsed : best;
        }

        TestContext.Current.TestOutputHelper?.WriteLine($"{best.TotalMilliseconds} ms");
        Assert.True(best < TimeSpan.FromMilliseconds(25), $"{best.TotalMilliseconds} ms");
    }
}
