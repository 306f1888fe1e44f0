namespace Defuse.Tests.Architecture;

/// <summary>A type by name.</summary>
/// <param name="Assembly">The simple name of the assembly that the reference names; facades such as System.Runtime stay.</param>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Name">Its metadata name.</param>
internal readonly record struct TypeId(string Assembly, string Namespace, string Name)
{
    public string FullName => Namespace.Length == 0 ? Name : $"{Namespace}.{Name}";

    /// <summary>Whether it lies in the namespace or below it.</summary>
    public bool IsIn(string @namespace) =>
        Namespace == @namespace || Namespace.StartsWith(@namespace + ".", StringComparison.Ordinal);
}
