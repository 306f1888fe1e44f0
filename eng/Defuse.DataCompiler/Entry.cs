namespace Defuse.DataCompiler;

/// <summary>A figure of a record.</summary>
internal sealed record Entry(DataLine Line, string Key, string Value, string Sources);
