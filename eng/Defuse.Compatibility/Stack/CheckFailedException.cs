namespace Defuse.Compatibility.Stack;

/// <summary>Something is not as a check wants it.</summary>
internal sealed class CheckFailedException(string what) : Exception(what);
