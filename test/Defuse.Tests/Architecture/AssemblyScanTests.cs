namespace Defuse.Tests.Architecture;

// The rules above are only as good as the scanner: it is tried on types of this assembly that break them.
public class AssemblyScanTests
{
    private const string Upper = "Defuse.Tests.Architecture.Offenders.Upper";
    private const string Lower = "Defuse.Tests.Architecture.Offenders.Lower";
    private const string Statics = "Defuse.Tests.Architecture.Offenders.Statics.Holder";

    private static readonly AssemblyScan Scan = AssemblyScan.Of(typeof(AssemblyScanTests).Assembly.Location);

    [Theory]
    [InlineData("ByBase", "")]
    [InlineData("ByInterface", "")]
    [InlineData("ByConstraint`1", "")]
    [InlineData("ByAttribute", "")]
    [InlineData("ByField", "_things")]
    [InlineData("ByParameter", "Take")]
    [InlineData("ByCall", "Call")]
    [InlineData("ByGenericCall", "Call")]
    [InlineData("ByCatch", "Try")]
    [InlineData("ByCast", "Is")]
    [InlineData("ByToken", "Get")]
    [InlineData("ByLambda", "<Get>b__0")]
    [InlineData("ByAsync", "MoveNext")]
    public void A_layer_that_reaches_up_is_named_with_its_member(string type, string member)
    {
        var rules = new LayerRules("none", new Dictionary<string, string[]> { [Upper] = [Lower], [Lower] = [] });
        Assert.Contains(rules.Offenders(Scan, Lower), x => x.From.FullName == $"{Lower}.{type}" && x.Member == member);
    }

    [Fact]
    public void A_layer_may_refer_to_what_it_is_allowed()
    {
        Assert.Empty(Rules([Upper]).Offenders(Scan, Lower));
        Assert.Empty((Rules([]) with { Root = Upper }).Offenders(Scan, Lower));
        Assert.NotEmpty(Rules([]).Offenders(Scan, Lower));

        static LayerRules Rules(string[] allowed) => new("none", new Dictionary<string, string[]> { [Upper] = [], [Lower] = allowed });
    }

    [Fact]
    public void Every_offender_is_found_and_nothing_else()
    {
        var rules = new LayerRules("none", new Dictionary<string, string[]> { [Upper] = [], [Lower] = [] });
        Assert.Equal(
            "ByAsync ByAttribute ByBase ByCall ByCast ByCatch ByConstraint`1 ByField ByGenericCall ByInterface ByLambda ByParameter ByToken".Split(' '),
            rules.Offenders(Scan, Lower).Select(x => x.From.Name).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("ByFile", "Read refers to System.IO.File")]
    [InlineData("ByConsole", "Print refers to System.Console")]
    [InlineData("ByProcess", "Run refers to System.Diagnostics.Process")]
    [InlineData("BySocket", "_socket refers to System.Net.Sockets.Socket")]
    public void What_asks_the_operating_system_is_found(string type, string use) =>
        Assert.Contains($"{Lower}.{type}.{use}", Scan.Uses.Where(x => LayerTests.IsOperatingSystem(x.To)).Select(x => x.ToString()));

    [Fact]
    public void A_stream_is_input_or_output_but_not_the_operating_system()
    {
        var stream = Scan.Uses.Where(x => x.From.FullName == $"{Lower}.ByStream").ToList();
        Assert.Contains(stream, x => LayerTests.IsInputOrOutput(x.To));
        Assert.DoesNotContain(stream, x => LayerTests.IsOperatingSystem(x.To));
    }

    [Theory]
    [InlineData("Defuse.Targets.Dfu", "DfuTarget", true, true)]
    [InlineData("Defuse.Targets", "IMemoryTarget", true, false)]
    [InlineData("Defuse.Formats", "IntelHexFormat", true, false)]
    [InlineData("Defuse.Devices", "ChipDatabase", true, false)]
    [InlineData("Defuse.Planning", "FlashPlanner", true, false)]
    [InlineData("Defuse.Programming", "Programmer", true, false)]
    [InlineData("Defuse.Transports", "IUsbHost", false, true)]
    [InlineData("Defuse.UsbIp", "UsbIpServer", false, true)]
    [InlineData("Defuse.Images", "FirmwareImage", false, false)]
    public void What_the_simulator_and_the_command_must_not_know(string @namespace, string name, bool simulator, bool command)
    {
        var type = new TypeId("Defuse.Core", @namespace, name);
        Assert.Equal(simulator, LayerTests.IsHostCode(type));
        Assert.Equal(command, LayerTests.IsInside(type));
    }

    [Theory]
    [InlineData("Counter is static and not readonly")]
    [InlineData("Numbers is static and its contents can be changed (Int32[])")]
    [InlineData("Names is static and its contents can be changed (System.Collections.Generic.Dictionary`2)")]
    [InlineData("Cache is static and its contents can be changed (System.Collections.Concurrent.ConcurrentDictionary`2)")]
    [InlineData("_current is static and not readonly")]
    [InlineData("<Words>k__BackingField is static and its contents can be changed (System.Collections.Generic.IList`1)")]
    [InlineData("<Setting>k__BackingField is static and not readonly")]
    public void Static_state_is_found(string offender) => Assert.Contains($"{Statics}.{offender}", Scan.MutableStatics);

    [Fact]
    public void Constants_immutable_values_and_compiler_made_caches_are_no_static_state() =>
        Assert.DoesNotContain(Scan.MutableStatics, x => x.StartsWith(Lower, StringComparison.Ordinal));
}
