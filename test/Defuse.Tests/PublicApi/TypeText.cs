using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;

namespace Defuse.Tests.PublicApi;

/// <summary>Types as C# writes them, with what is known of their nullability.</summary>
internal static class TypeText
{
    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(char)] = "char",
        [typeof(sbyte)] = "sbyte",
        [typeof(byte)] = "byte",
        [typeof(short)] = "short",
        [typeof(ushort)] = "ushort",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(float)] = "float",
        [typeof(double)] = "double",
        [typeof(decimal)] = "decimal",
        [typeof(nint)] = "nint",
        [typeof(nuint)] = "nuint",
    };

    public static string Of(FieldInfo field) => Of(field.FieldType, new NullabilityInfoContext().Create(field));

    public static string Of(PropertyInfo property)
    {
        var nullability = new NullabilityInfoContext().Create(property);
        return Of(property.PropertyType, nullability, property.CanRead ? nullability.ReadState : nullability.WriteState);
    }

    public static string Of(EventInfo @event) => Of(@event.EventHandlerType!, new NullabilityInfoContext().Create(@event));

    public static string Of(ParameterInfo parameter)
    {
        var nullability = new NullabilityInfoContext().Create(parameter);
        if (!parameter.ParameterType.IsByRef)
        {
            var state = parameter.Position < 0 ? nullability.ReadState : nullability.WriteState;
            return Of(parameter.ParameterType, nullability, state);
        }

        var isReadOnly = parameter.IsDefined(typeof(IsReadOnlyAttribute)) || parameter.GetRequiredCustomModifiers().Length > 0;
        var kind = parameter switch
        {
            { IsOut: true } => "out",
            { Position: < 0 } => isReadOnly ? "ref readonly" : "ref",
            _ => isReadOnly ? "in" : "ref",
        };
        return $"{kind} {Of(parameter.ParameterType.GetElementType()!, nullability)}";
    }

    public static string Of(Type type, NullabilityInfo? nullability = null) => Of(type, nullability, nullability?.ReadState);

    private static string Of(Type type, NullabilityInfo? nullability, NullabilityState? state)
    {
        if (Nullable.GetUnderlyingType(type) is { } value)
        {
            // The nullability of T? is told of T.
            return Of(value, nullability, NullabilityState.NotNull) + "?";
        }

        var mark = state == NullabilityState.Nullable && !type.IsValueType ? "?" : "";
        if (Keywords.TryGetValue(type, out var keyword))
        {
            return keyword + mark;
        }

        if (type.IsArray)
        {
            return $"{Of(type.GetElementType()!, nullability?.ElementType)}[{new string(',', type.GetArrayRank() - 1)}]{mark}";
        }

        return type.IsPointer ? Of(type.GetElementType()!) + "*" : Nested(type, nullability) + mark;
    }

    /// <summary>The name of a type with those it is nested in and all type arguments, without its namespace.</summary>
    public static string Nested(Type type, NullabilityInfo? nullability = null)
    {
        if (type.IsGenericParameter)
        {
            return type.Name;
        }

        var arguments = type.GetGenericArguments();
        var known = nullability?.GenericTypeArguments is { } told && told.Length == arguments.Length ? told : null;
        var outer = type.DeclaringType is { } declaring ? $"{Nested(declaring)}." : "";
        var own = type.Name.Contains('`', StringComparison.Ordinal)
            ? $"<{string.Join(", ", arguments.Select((x, i) => Of(x, known?[i])))}>"
            : "";
        return $"{outer}{type.Name.Split('`')[0]}{own}";
    }

    /// <summary>The where clauses of type parameters, each with a space before it.</summary>
    public static string Constraints(IEnumerable<Type> parameters) => string.Concat(parameters.Where(x => x.IsGenericParameter).Select(x =>
    {
        var attributes = x.GenericParameterAttributes;
        var isStruct = attributes.HasFlag(GenericParameterAttributes.NotNullableValueTypeConstraint);
        List<string> constraints = [.. x.GetGenericParameterConstraints().Where(y => y != typeof(ValueType)).Select(y => Of(y))];
        if (isStruct || attributes.HasFlag(GenericParameterAttributes.ReferenceTypeConstraint))
        {
            constraints.Insert(0, isStruct ? "struct" : "class");
        }

        if (!isStruct && attributes.HasFlag(GenericParameterAttributes.DefaultConstructorConstraint))
        {
            constraints.Add("new()");
        }

        return constraints.Count > 0 ? $" where {x.Name} : {string.Join(", ", constraints)}" : "";
    }));

    public static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool truth => truth ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };
}
