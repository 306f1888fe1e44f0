using System.Collections.Immutable;
using System.Reflection;
using Defuse.Diagnostics;

namespace Defuse.Core.Tests.Diagnostics;

/// <summary>Inventories with every member filled, also those that are added later.</summary>
internal static class RandomInventories
{
    private const string Alphabet = "abcXYZ059 -_.:/\\\"'<>&#()äß€\u0007\n\u2028😀";

    private static readonly MethodInfo MakeArrayMethod = typeof(RandomInventories).GetMethod(nameof(MakeArray), BindingFlags.NonPublic | BindingFlags.Static)!;

    public static HostInventory Create(int seed) => (HostInventory)Make(typeof(HostInventory), new Random(seed))!;

    /// <summary>Whether two values hold the same, member by member.</summary>
    public static bool AreSame(object? one, object? other)
    {
        if (one is null || other is null || one is string || one.GetType().IsPrimitive || one.GetType().IsEnum)
        {
            return Equals(one, other);
        }

        if (one is System.Collections.IEnumerable items)
        {
            var (first, second) = (items.Cast<object?>().ToList(), ((System.Collections.IEnumerable)other).Cast<object?>().ToList());
            return first.Count == second.Count && first.Zip(second).All(x => AreSame(x.First, x.Second));
        }

        return one.GetType() == other.GetType() && Members(one.GetType()).All(x => AreSame(x.GetValue(one), x.GetValue(other)));
    }

    private static IEnumerable<PropertyInfo> Members(Type type) =>
        type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(x => x.GetIndexParameters().Length == 0 && x.CanWrite);

    private static object? Make(Type type, Random random)
    {
        if (Nullable.GetUnderlyingType(type) is { } inner)
        {
            return random.Next(3) == 0 ? null : Make(inner, random);
        }

        if (type == typeof(string))
        {
            return Text(random);
        }

        if (type == typeof(bool))
        {
            return random.Next(2) == 0;
        }

        if (type.IsEnum)
        {
            var values = Enum.GetValues(type);
            return values.GetValue(random.Next(values.Length));
        }

        if (type.IsPrimitive)
        {
            return Convert.ChangeType(random.Next(type == typeof(byte) ? 256 : 65_536), type, System.Globalization.CultureInfo.InvariantCulture);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ImmutableArray<>))
        {
            return MakeArrayMethod.MakeGenericMethod(type.GenericTypeArguments).Invoke(null, [random]);
        }

        var constructor = type.GetConstructors().MaxBy(x => x.GetParameters().Length)!;
        var made = constructor.Invoke([.. constructor.GetParameters().Select(x => Make(x.ParameterType, random))]);
        var nulls = new NullabilityInfoContext();
        foreach (var member in Members(type))
        {
            member.SetValue(made, nulls.Create(member).ReadState == NullabilityState.Nullable && random.Next(3) == 0 ? null : Make(member.PropertyType, random));
        }

        return made;
    }

    private static ImmutableArray<T> MakeArray<T>(Random random) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => (T)Make(typeof(T), random)!)];

    private static string Text(Random random)
    {
        var runes = Alphabet.EnumerateRunes().ToArray();
        return string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => runes[random.Next(runes.Length)].ToString()));
    }
}
