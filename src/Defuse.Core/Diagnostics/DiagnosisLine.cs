namespace Defuse.Diagnostics;

/// <summary>A line of a diagnosis' text.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Text">The line, with no colours.</param>
public sealed record DiagnosisLine(DiagnosisLineKind Kind, string Text);
