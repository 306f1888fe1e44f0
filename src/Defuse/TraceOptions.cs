namespace Defuse;

/// <summary>Where every transfer with the boards that are opened is recorded; docs/faults.md says what is in it.</summary>
/// <param name="Stream">Takes JSON lines, flushed one by one; not closed.</param>
public sealed record TraceOptions(Stream Stream)
{
    /// <summary>What records, with its version, for the trace's first line.</summary>
    public string Program { get; init; } = "defuse library";

    /// <summary>Told, once at most, that a line could not be written: the trace ends there, and the work goes on.</summary>
    public Action<Exception>? Failed { get; init; }
}
