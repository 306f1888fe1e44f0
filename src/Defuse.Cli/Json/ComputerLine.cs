using System.Text.Json.Serialization;
using Defuse.Cli.Output;
using Defuse.Diagnostics;

namespace Defuse.Cli.Json;

/// <summary>The computer, what was found about it or about no board in particular, and what could not be looked at.</summary>
internal sealed record ComputerLine(
    string System,
    string Version,
    bool Wsl,
    string? Container,
    bool Elevated,
    JsonFinding[] Findings,
    string[] Unseen,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.Never)] JsonRemedy? Next)
    : JsonLine("computer")
{
    public static ComputerLine Of(HostInventory inventory, Diagnosis diagnosis) => new(
        Texts.Word(inventory.System.Kind),
        inventory.System.Version,
        inventory.System.IsWsl,
        inventory.System.Container,
        inventory.System.IsElevated,
        [.. diagnosis.General.Select(JsonFinding.Of)],
        [.. inventory.Unseen],
        diagnosis.Next is { } next ? JsonRemedy.Of(next) : null);
}
