using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Defuse.Cli.Json;

/// <summary>The JSON lines, with no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PlanLine))]
[JsonSerializable(typeof(PhaseLine))]
[JsonSerializable(typeof(ProgressLine))]
[JsonSerializable(typeof(BoardLine))]
[JsonSerializable(typeof(ChipLine))]
[JsonSerializable(typeof(KnownBoardLine))]
[JsonSerializable(typeof(ComputerLine))]
[JsonSerializable(typeof(DeviceLine))]
[JsonSerializable(typeof(EnteredLine))]
[JsonSerializable(typeof(DiagnosedBoardLine))]
[JsonSerializable(typeof(ExportLine))]
[JsonSerializable(typeof(FileLine))]
[JsonSerializable(typeof(MendingLine))]
[JsonSerializable(typeof(OptionBytesLine))]
[JsonSerializable(typeof(RecordLine))]
[JsonSerializable(typeof(ResultLine))]
[JsonSerializable(typeof(ReturnedLine))]
internal sealed partial class CliJsonContext : JsonSerializerContext
{
    /// <summary>For lines that no browser ever takes for HTML: an apostrophe stays one.</summary>
    public static CliJsonContext Lines { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });
}
