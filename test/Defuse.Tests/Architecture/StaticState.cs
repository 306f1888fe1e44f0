using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Metadata;

namespace Defuse.Tests.Architecture;

/// <summary>Finds static fields that can change: not readonly, or of a type whose contents can be changed.</summary>
/// <remarks>What lies in types that the compiler made up (caches of delegates, data of arrays) does not count.</remarks>
internal static class StaticState
{
    private static readonly string[] MutableTypes =
    [
        "System.Collections.ArrayList", "System.Collections.BitArray", "System.Collections.Hashtable",
        "System.Collections.Generic.Dictionary`2", "System.Collections.Generic.HashSet`1", "System.Collections.Generic.LinkedList`1",
        "System.Collections.Generic.List`1", "System.Collections.Generic.OrderedDictionary`2",
        "System.Collections.Generic.PriorityQueue`2", "System.Collections.Generic.Queue`1",
        "System.Collections.Generic.SortedDictionary`2", "System.Collections.Generic.SortedList`2",
        "System.Collections.Generic.SortedSet`1", "System.Collections.Generic.Stack`1",
        "System.Collections.Generic.ICollection`1", "System.Collections.Generic.IDictionary`2",
        "System.Collections.Generic.IList`1", "System.Collections.Generic.ISet`1",
        "System.Collections.ObjectModel.Collection`1", "System.Collections.ObjectModel.ObservableCollection`1",
        "System.IO.MemoryStream", "System.Memory`1", "System.Random", "System.Runtime.CompilerServices.StrongBox`1",
        "System.Runtime.CompilerServices.ConditionalWeakTable`2", "System.Text.StringBuilder", "System.Threading.AsyncLocal`1",
        "System.Threading.Lock", "System.Threading.SemaphoreSlim", "System.Threading.ThreadLocal`1",
    ];

    public static IEnumerable<string> Offenders(MetadataReader metadata)
    {
        foreach (var type in metadata.TypeDefinitions.Select(metadata.GetTypeDefinition))
        {
            if (IsCompilerMade(metadata, type))
            {
                continue;
            }

            foreach (var field in type.GetFields().Select(metadata.GetFieldDefinition))
            {
                if (!field.Attributes.HasFlag(FieldAttributes.Static) || field.Attributes.HasFlag(FieldAttributes.Literal))
                {
                    continue;
                }

                var name = $"{FullName(metadata, type)}.{metadata.GetString(field.Name)}";
                var fieldType = field.DecodeSignature(new TypeNames(), null);
                if (!field.Attributes.HasFlag(FieldAttributes.InitOnly))
                {
                    yield return $"{name} is static and not readonly";
                }
                else if (fieldType.EndsWith(']') || MutableTypes.Contains(fieldType)
                    || fieldType.StartsWith("System.Collections.Concurrent.", StringComparison.Ordinal))
                {
                    yield return $"{name} is static and its contents can be changed ({fieldType})";
                }
            }
        }
    }

    private static bool IsCompilerMade(MetadataReader metadata, TypeDefinition type)
    {
        while (metadata.GetString(type.Name)[0] != '<')
        {
            if (type.GetDeclaringType().IsNil)
            {
                return false;
            }

            type = metadata.GetTypeDefinition(type.GetDeclaringType());
        }

        return true;
    }

    private static string FullName(MetadataReader metadata, TypeDefinition type)
    {
        var name = metadata.GetString(type.Name);
        return type.GetDeclaringType().IsNil
            ? $"{metadata.GetString(type.Namespace)}.{name}"
            : $"{FullName(metadata, metadata.GetTypeDefinition(type.GetDeclaringType()))}.{name}";
    }

    // A type's full name; generic ones without their arguments, arrays with brackets at the end.
    private sealed class TypeNames : ISignatureTypeProvider<string, object?>
    {
        public string GetArrayType(string elementType, ArrayShape shape) => elementType + "[]";

        public string GetSZArrayType(string elementType) => elementType + "[]";

        public string GetByReferenceType(string elementType) => elementType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => "function pointer";

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) => genericType;

        public string GetGenericMethodParameter(object? genericContext, int index) => "";

        public string GetGenericTypeParameter(object? genericContext, int index) => "";

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetPinnedType(string elementType) => elementType;

        public string GetPointerType(string elementType) => elementType + "*";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            FullName(reader, reader.GetTypeDefinition(handle));

        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            var type = reader.GetTypeReference(handle);
            return $"{reader.GetString(type.Namespace)}.{reader.GetString(type.Name)}";
        }

        public string GetTypeFromSpecification(MetadataReader reader, object? genericContext, TypeSpecificationHandle handle, byte rawTypeKind) =>
            reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);
    }
}
