using System.Text.Json.Serialization;
using Defuse.Cli.Output;

namespace Defuse.Cli.Json;

/// <summary>What went wrong.</summary>
internal sealed record JsonError(
    string Kind,
    string Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Address,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] string? Remedy)
{
    public static JsonError Of(Failure failure) =>
        new(failure.Kind, failure.Reason, failure.Address is { } address ? Texts.Address(address) : null, failure.Remedy);
}
