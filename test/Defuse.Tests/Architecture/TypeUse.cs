namespace Defuse.Tests.Architecture;

/// <summary>One place where a type is referred to.</summary>
/// <param name="From">The type that refers, nested types by their outermost one.</param>
/// <param name="Member">The member of it that refers; empty for the type itself (its base, an attribute).</param>
/// <param name="To">The type referred to, also by its outermost one.</param>
internal sealed record TypeUse(TypeId From, string Member, TypeId To)
{
    public override string ToString() =>
        Member.Length == 0 ? $"{From.FullName} refers to {To.FullName}" : $"{From.FullName}.{Member} refers to {To.FullName}";
}
