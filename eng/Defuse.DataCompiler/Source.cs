namespace Defuse.DataCompiler;

/// <summary>A source of figures.</summary>
/// <param name="Key">How the data files call it.</param>
/// <param name="Name">How people are told.</param>
/// <param name="CompareOnly">Whether its licence or its age forbids that a figure rests on it alone.</param>
internal sealed record Source(string Key, string Name, bool CompareOnly);
