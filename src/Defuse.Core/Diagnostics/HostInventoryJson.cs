using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Defuse.Diagnostics;

/// <summary>A report as JSON, with no reflection.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    WriteIndented = true)]
[JsonSerializable(typeof(HostInventoryEnvelope))]
[JsonSerializable(typeof(HostInventoryFile))]
internal sealed partial class HostInventoryJson : JsonSerializerContext
{
    /// <summary>For a file that no browser ever takes for HTML: an apostrophe stays one. People write such files too, with comments.</summary>
    public static HostInventoryJson File { get; } = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        WriteIndented = true,
        IndentSize = 2,
        NewLine = "\n",
        MaxDepth = 16,
        AllowTrailingCommas = true,
        ReadCommentHandling = JsonCommentHandling.Skip,
        Converters =
        {
            new HexConverter<byte>(),
            new HexConverter<ushort>(),
            new WordConverter<HostKind>(),
            new WordConverter<Transports.UsbSpeed>(),
            new WordConverter<AccessFailure>(),
            new WordConverter<Devices.ReadOutProtection>(),
        },
    });
}
