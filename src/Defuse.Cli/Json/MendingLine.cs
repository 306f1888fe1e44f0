using System.Text.Json.Serialization;
using Defuse.Diagnostics;

namespace Defuse.Cli.Json;

/// <summary>A change to the computer's settings, before it is made.</summary>
internal sealed record MendingLine(
    string Title, string[] Steps, bool Experimental, [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Obstacle, string? Remedy)
    : JsonLine("mending")
{
    public static MendingLine Of(Mending mending) => new(mending.Title, [.. mending.Steps], mending.IsExperimental, mending.Obstacle, mending.Remedy);
}
