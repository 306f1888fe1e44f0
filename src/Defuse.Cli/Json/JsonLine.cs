using System.Text.Json.Serialization;

namespace Defuse.Cli.Json;

/// <summary>A line of JSON on stdout.</summary>
internal abstract record JsonLine([property: JsonPropertyOrder(-1)] string Type)
{
    /// <summary>Grows when a line's meaning changes, not when fields are added.</summary>
    [JsonPropertyOrder(-2)]
    public int Schema => 1;
}
