namespace Defuse.Tests.Architecture;

public class LayerTests
{
    private const string Formats = "Defuse.Formats";

    private static readonly LayerRules Core = new("Defuse", new Dictionary<string, string[]>
    {
        ["Defuse"] = [],
        ["Defuse.Images"] = [],
        [Formats] = ["Defuse.Images"],
        ["Defuse.Transports"] = [],
        ["Defuse.Transports.Tracing"] = ["Defuse.Transports"],
        ["Defuse.Devices"] = ["Defuse.Images"],
        ["Defuse.Inspection"] = ["Defuse.Images", "Defuse.Devices"],
        ["Defuse.Targets"] = ["Defuse.Images", "Defuse.Devices", "Defuse.Transports"],
        ["Defuse.Targets.Dfu"] = ["Defuse.Images", "Defuse.Devices", "Defuse.Transports", "Defuse.Targets"],
        ["Defuse.Targets.Dfu.Capturing"] = ["Defuse.Images", "Defuse.Devices", "Defuse.Transports", "Defuse.Transports.Tracing", "Defuse.Targets", "Defuse.Targets.Dfu"],
        ["Defuse.Planning"] = ["Defuse.Images", "Defuse.Devices", "Defuse.Inspection", "Defuse.Targets"],
        ["Defuse.Programming"] = ["Defuse.Images", "Defuse.Devices", "Defuse.Targets", "Defuse.Planning"],
        ["Defuse.Diagnostics"] = ["Defuse.Images", "Defuse.Devices", "Defuse.Transports", "Defuse.Targets", "Defuse.Targets.Dfu"],
        ["Defuse.Entering"] = ["Defuse.Devices", "Defuse.Transports", "Defuse.Targets", "Defuse.Targets.Dfu"],
        ["Defuse.Connections"] = ["Defuse.Images", "Defuse.Devices", "Defuse.Transports", "Defuse.Targets", "Defuse.Targets.Dfu", "Defuse.Targets.Dfu.Capturing", "Defuse.Diagnostics", "Defuse.Entering"],
    });

    public static TheoryData<string> CoreLayers => [.. Core.Allowed.Keys];

    [Theory]
    [InlineData("Defuse.Core")]
    [InlineData("Defuse.UsbIp", "Defuse.Core")]
    [InlineData("Defuse.Platform", "Defuse.Core")]
    [InlineData("Defuse.Simulator", "Defuse.Core")]
    [InlineData("Defuse", "Defuse.Core", "Defuse.UsbIp", "Defuse.Platform", "Defuse.Simulator")]
    public void A_library_refers_only_to_libraries_below_it(string library, params string[] below) =>
        AssertThat.None(References(Built.Library(library)).Except(below));

    [Fact]
    public void The_command_refers_only_to_the_facade_and_the_core() =>
        AssertThat.None(References(Built.Cli).Except(["Defuse", "Defuse.Core"]));

    [Fact]
    public void Every_type_of_the_core_belongs_to_a_layer() =>
        AssertThat.None(Built.Library("Defuse.Core").Types
            .Where(x => x.IsIn("Defuse") && x.Namespace != "Defuse" && Core.LayerOf(x) == "Defuse")
            .Select(x => $"{x.FullName} is in no layer that these tests know: say what it may refer to"));

    [Theory]
    [MemberData(nameof(CoreLayers))]
    public void A_layer_of_the_core_refers_only_to_layers_below_it(string layer)
    {
        var folder = layer["Defuse".Length..].Replace('.', '/');
        Seen(Built.Library("Defuse.Core"), "Defuse.Core" + folder, x => Core.LayerOf(x) == layer);
        AssertThat.None(Core.Offenders(Built.Library("Defuse.Core"), layer));
    }

    [Fact]
    public void The_core_knows_no_console_file_socket_or_process() =>
        AssertThat.None(Uses("Defuse.Core", "Defuse.Core", "Defuse").Where(x => IsOperatingSystem(x.To)));

    [Fact]
    public void A_format_sees_only_bytes() =>
        AssertThat.None(Uses("Defuse.Core", "Defuse.Core/Formats", Formats).Where(x => IsInputOrOutput(x.To)));

    [Fact]
    public void The_simulator_shares_nothing_with_the_host_code() =>
        AssertThat.None(Uses("Defuse.Simulator", "Defuse.Simulator", "Defuse.Simulator").Where(x => IsHostCode(x.To)));

    [Fact]
    public void The_command_knows_no_target_or_transport()
    {
        Seen(Built.Cli, "Defuse.Cli", x => x.IsIn("Defuse.Cli"));
        AssertThat.None(Built.Cli.Uses.Where(x => IsInside(x.To)));
    }

    internal static bool IsOperatingSystem(TypeId type) =>
        type.IsIn("System.Net.Sockets") || type.IsIn("Microsoft.Win32")
        || type.FullName is "System.Console" or "System.IO.File" or "System.IO.FileInfo" or "System.IO.FileStream"
            or "System.IO.Directory" or "System.IO.DirectoryInfo" or "System.Diagnostics.Process";

    internal static bool IsInputOrOutput(TypeId type) =>
        (type.IsIn("System.IO") && !IsBytes(type)) || type.IsIn("System.Net") || IsOperatingSystem(type);

    // A stream that somebody else opened is bytes too, and so is what unpacks them.
    private static bool IsBytes(TypeId type) =>
        type.IsIn("System.IO.Compression")
        || type.FullName is "System.IO.Stream" or "System.IO.SeekOrigin" or "System.IO.InvalidDataException";

    internal static bool IsHostCode(TypeId type) =>
        type.IsIn(Formats) || type.IsIn("Defuse.Devices") || type.IsIn("Defuse.Planning") || type.IsIn("Defuse.Programming")
        || type.IsIn("Defuse.Targets") || type.IsIn("Defuse.Connections");

    internal static bool IsInside(TypeId type) =>
        type.IsIn("Defuse.Targets.Dfu") || type.IsIn("Defuse.Transports") || type.IsIn("Defuse.UsbIp");

    private static IEnumerable<string> References(AssemblyScan scan)
    {
        Assert.NotEmpty(scan.References);
        return scan.References.Where(x => x.StartsWith("Defuse", StringComparison.OrdinalIgnoreCase));
    }

    private static IEnumerable<TypeUse> Uses(string library, string folder, string @namespace)
    {
        Seen(Built.Library(library), folder, x => x.IsIn(@namespace));
        return Built.Library(library).Uses.Where(x => x.From.IsIn(@namespace));
    }

    // A rule that saw no type has shown nothing: it is skipped while there is no source for it, and fails otherwise.
    private static void Seen(AssemblyScan scan, string folder, Func<TypeId, bool> isMeant)
    {
        if (!scan.Types.Any(isMeant))
        {
            Assert.False(Built.HasSource(folder), $"src/{folder} has source files, but {scan.Name} has none of the types that the rule is for");
            Assert.Skip($"there is nothing in src/{folder}");
        }
    }
}
