using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Defuse.Tests.PublicApi;

/// <summary>Renders what users of an assembly can see, as sorted lines of C#.</summary>
internal static class ApiText
{
    private const BindingFlags Declared =
        BindingFlags.DeclaredOnly | BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic;

    public static string Of(IEnumerable<Type> types)
    {
        var text = new StringBuilder();
        foreach (var type in types.OrderBy(x => x.FullName, StringComparer.Ordinal))
        {
            text.Append(Header(type)).Append('\n');
            foreach (var member in Members(type).Order(StringComparer.Ordinal))
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }

        return text.ToString();
    }

    private static string Header(Type type)
    {
        var invoke = type.IsSubclassOf(typeof(Delegate)) ? type.GetMethod("Invoke") : null;
        var name = $"{type.Namespace}.{TypeText.Nested(type)}";
        if (invoke is not null)
        {
            return $"delegate {TypeText.Of(invoke.ReturnParameter)} {name}({Parameters(invoke)})";
        }

        var bases = type.GetInterfaces().Except(type.BaseType?.GetInterfaces() ?? []).Where(x => x.IsVisible)
            .Select(x => TypeText.Of(x)).Order(StringComparer.Ordinal).ToList();
        if (type.IsEnum)
        {
            bases = [TypeText.Of(type.GetEnumUnderlyingType())];
        }
        else if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
        {
            bases.Insert(0, TypeText.Of(parent));
        }

        return $"{Kind(type)} {name}{(bases.Count > 0 ? " : " : "")}{string.Join(", ", bases)}{TypeText.Constraints(type.GetGenericArguments())}";
    }

    private static string Kind(Type type)
    {
        if (type.IsEnum || type.IsInterface)
        {
            return type.IsEnum ? "enum" : "interface";
        }

        var record = type.GetMethod("PrintMembers", Declared) is not null ? "record " : "";
        if (type.IsValueType)
        {
            var isReadOnly = type.IsDefined(typeof(IsReadOnlyAttribute)) ? "readonly " : "";
            return $"{isReadOnly}{(type.IsByRefLike ? "ref " : "")}{record}struct";
        }

        return (type.IsAbstract, type.IsSealed) switch
        {
            (true, true) => "static class",
            (true, false) => $"abstract {record}class",
            (false, true) => $"sealed {record}class",
            _ => $"{record}class",
        };
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsSubclassOf(typeof(Delegate)))
        {
            return [];
        }

        var fields = type.GetFields(Declared).Where(IsVisible).Where(x => !x.IsSpecialName).Select(Field);
        var properties = type.GetProperties(Declared).Where(x => x.GetAccessors(nonPublic: true).Any(IsVisible)).Where(IsWritten).Select(Property);
        var events = type.GetEvents(Declared).Where(x => IsVisible(x.AddMethod!)).Select(Event);
        var constructors = type.GetConstructors(Declared).Where(IsVisible).Where(IsWritten).Where(x => !x.IsStatic)
            .Select(x => $"{Access(x)}{type.Name.Split('`')[0]}({Parameters(x)})");
        var methods = type.GetMethods(Declared).Where(IsVisible).Where(IsWritten)
            .Where(x => !x.IsSpecialName || x.Name.StartsWith("op_", StringComparison.Ordinal)).Select(Method);
        return [.. fields, .. properties, .. events, .. constructors, .. methods];
    }

    private static bool IsVisible(FieldInfo field) => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly;

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    // A record's own methods say nothing that "record" does not.
    private static bool IsWritten(MemberInfo member) => !member.IsDefined(typeof(CompilerGeneratedAttribute), inherit: false);

    private static string Field(FieldInfo field)
    {
        var type = TypeText.Of(field);
        if (field.DeclaringType!.IsEnum)
        {
            return $"{field.Name} = {field.GetRawConstantValue()}";
        }

        var access = field.IsPublic ? "" : "protected ";
        return field.IsLiteral
            ? $"{access}const {type} {field.Name} = {TypeText.Literal(field.GetRawConstantValue())}"
            : $"{access}{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{type} {field.Name}";
    }

    private static string Property(PropertyInfo property)
    {
        var accessors = property.GetAccessors(nonPublic: true).Where(IsVisible).ToList();
        var widest = accessors.FirstOrDefault(x => x.IsPublic) ?? accessors[0];
        var index = property.GetIndexParameters();
        var name = index.Length > 0 ? $"this[{string.Join(", ", index.Select(Parameter))}]" : property.Name;
        var required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        var text = accessors.OrderBy(x => x == property.SetMethod).Select(x =>
        {
            var isInit = x.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit));
            return (x.IsPublic == widest.IsPublic ? "" : Access(x)) + (x == property.GetMethod ? "get;" : isInit ? "init;" : "set;");
        });
        return $"{Modifiers(widest)}{required}{TypeText.Of(property)} {name} {{ {string.Join(' ', text)} }}";
    }

    private static string Event(EventInfo @event) => $"{Modifiers(@event.AddMethod!)}event {TypeText.Of(@event)} {@event.Name}";

    private static string Method(MethodInfo method)
    {
        var generic = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(x => x.Name))}>" : "";
        var constraints = TypeText.Constraints(method.GetGenericArguments());
        return $"{Modifiers(method)}{TypeText.Of(method.ReturnParameter)} {method.Name}{generic}({Parameters(method)}){constraints}";
    }

    private static string Access(MethodBase method) => method.IsPublic ? "" : "protected ";

    private static string Modifiers(MethodInfo method)
    {
        if (method.DeclaringType!.IsInterface)
        {
            return (method.IsStatic ? "static " : "") + (method.IsAbstract ? "" : "default ");
        }

        var kind = method switch
        {
            { IsStatic: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsVirtual: true } when method.GetBaseDefinition() != method => "override ",
            { IsVirtual: true, IsFinal: false } => "virtual ",
            _ => "",
        };
        return Access(method) + kind;
    }

    private static string Parameters(MethodBase method)
    {
        var extension = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return extension + string.Join(", ", method.GetParameters().Select(Parameter));
    }

    private static string Parameter(ParameterInfo parameter)
    {
        var isParams = parameter.IsDefined(typeof(ParamArrayAttribute)) || parameter.IsDefined(typeof(ParamCollectionAttribute));
        var value = parameter.HasDefaultValue ? $" = {TypeText.Literal(parameter.RawDefaultValue)}" : "";
        return $"{(isParams ? "params " : "")}{TypeText.Of(parameter)} {parameter.Name}{value}";
    }
}
