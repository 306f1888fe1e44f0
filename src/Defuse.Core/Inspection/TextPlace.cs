namespace Defuse.Inspection;

/// <summary>A byte of an image.</summary>
/// <param name="Segment">The segment's number.</param>
/// <param name="Offset">The byte's place in it.</param>
internal readonly record struct TextPlace(int Segment, int Offset);
