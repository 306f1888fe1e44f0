namespace Defuse.Cli.Json;

/// <summary>A vector table and what looks wrong about it.</summary>
internal sealed record JsonVectorTable(string Address, string InitialStackPointer, string Reset, string[] Findings);
