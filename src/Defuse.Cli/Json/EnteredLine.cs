using Defuse.Connections;

namespace Defuse.Cli.Json;

/// <summary>A board that is in DFU mode.</summary>
/// <param name="Address">The address that it is opened by now.</param>
/// <param name="Way">How it got there; left out if it was there already.</param>
/// <param name="Program">The program that it ran.</param>
/// <param name="Seconds">How long it took.</param>
internal sealed record EnteredLine(string Address, string? Way, string? Program, double Seconds) : JsonLine("entered")
{
    public static EnteredLine Of(DfuReady ready) => new(
        ready.Address.ToString(),
        ready.Way is { } way ? EntryWays.Word(way) : null,
        ready.Was?.Program?.Name,
        Math.Round(ready.Elapsed.TotalSeconds, 3));
}
