namespace Defuse.Compatibility;

/// <summary>A program that is asked to do the operations.</summary>
internal interface ITool
{
    /// <summary>Its name at the head of the table.</summary>
    string Name { get; }

    /// <summary>Does an operation on a board that was prepared for it.</summary>
    Task<Verdict> RunAsync(Operation operation, Stand stand);
}
