using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Defuse.Tests.Architecture;

/// <summary>What a built assembly refers to: in its metadata, its signatures and its method bodies.</summary>
/// <remarks>Constants and enum members leave no trace where they are used, so a use of nothing else is not seen.</remarks>
internal sealed class AssemblyScan
{
    private readonly MetadataReader _metadata;
    private readonly PEReader _image;
    private readonly HashSet<TypeUse> _uses = [];

    private AssemblyScan(PEReader image)
    {
        _image = image;
        _metadata = image.GetMetadataReader();
        Name = _metadata.GetString(_metadata.GetAssemblyDefinition().Name);
        References = [.. _metadata.AssemblyReferences.Select(x => _metadata.GetString(_metadata.GetAssemblyReference(x).Name))];
        foreach (var handle in _metadata.TypeDefinitions)
        {
            ScanType(handle);
        }

        Types = [.. _metadata.TypeDefinitions.Select(Identify).Where(x => x.Name[0] != '<').Distinct()];
    }

    /// <summary>The assembly's simple name.</summary>
    public string Name { get; }

    /// <summary>The simple names of the assemblies it refers to.</summary>
    public IReadOnlyList<string> References { get; }

    /// <summary>The outermost types that it defines, without those that the compiler made up.</summary>
    public IReadOnlyList<TypeId> Types { get; }

    /// <summary>Every use of one type by another.</summary>
    public IReadOnlyCollection<TypeUse> Uses => _uses;

    /// <summary>Static fields that hold, or are likely to hold, state that changes.</summary>
    public IReadOnlyList<string> MutableStatics { get; private set; } = [];

    public static AssemblyScan Of(string path)
    {
        using var image = new PEReader(new MemoryStream(File.ReadAllBytes(path)));
        var scan = new AssemblyScan(image);
        scan.MutableStatics = [.. StaticState.Offenders(scan._metadata)];
        return scan;
    }

    private void ScanType(TypeDefinitionHandle handle)
    {
        var from = Identify(handle);
        var type = _metadata.GetTypeDefinition(handle);
        var collector = new TypeCollector(_metadata, this, from);
        collector.Token(type.BaseType);
        foreach (var implementation in type.GetInterfaceImplementations())
        {
            collector.Token(_metadata.GetInterfaceImplementation(implementation).Interface);
        }

        Attributes(type.GetCustomAttributes(), collector);
        GenericParameters(type.GetGenericParameters(), collector);
        foreach (var field in type.GetFields().Select(_metadata.GetFieldDefinition))
        {
            collector.Member = _metadata.GetString(field.Name);
            field.DecodeSignature(collector, null);
            Attributes(field.GetCustomAttributes(), collector);
        }

        foreach (var method in type.GetMethods().Select(_metadata.GetMethodDefinition))
        {
            collector.Member = _metadata.GetString(method.Name);
            method.DecodeSignature(collector, null);
            Attributes(method.GetCustomAttributes(), collector);
            GenericParameters(method.GetGenericParameters(), collector);
            foreach (var parameter in method.GetParameters())
            {
                Attributes(_metadata.GetParameter(parameter).GetCustomAttributes(), collector);
            }

            if (method.RelativeVirtualAddress != 0 && (method.ImplAttributes & MethodImplAttributes.CodeTypeMask) == MethodImplAttributes.IL)
            {
                ScanBody(_image.GetMethodBody(method.RelativeVirtualAddress), collector);
            }
        }

        foreach (var property in type.GetProperties().Select(_metadata.GetPropertyDefinition))
        {
            collector.Member = _metadata.GetString(property.Name);
            Attributes(property.GetCustomAttributes(), collector);
        }
    }

    private void ScanBody(MethodBodyBlock body, TypeCollector collector)
    {
        if (!body.LocalSignature.IsNil)
        {
            _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(collector, null);
        }

        foreach (var region in body.ExceptionRegions.Where(x => x.Kind == ExceptionRegionKind.Catch))
        {
            collector.Token(region.CatchType);
        }

        foreach (var token in Instructions.Tokens(body.GetILReader()))
        {
            collector.Token(MetadataTokens.EntityHandle(token));
        }
    }

    private void Attributes(CustomAttributeHandleCollection attributes, TypeCollector collector)
    {
        foreach (var attribute in attributes)
        {
            collector.Token(_metadata.GetCustomAttribute(attribute).Constructor);
        }
    }

    private void GenericParameters(GenericParameterHandleCollection parameters, TypeCollector collector)
    {
        foreach (var constraint in parameters.SelectMany(x => _metadata.GetGenericParameter(x).GetConstraints()))
        {
            collector.Token(_metadata.GetGenericParameterConstraint(constraint).Type);
        }
    }

    internal void Add(TypeId from, string member, TypeId to)
    {
        if (from != to)
        {
            _uses.Add(new TypeUse(from, member, to));
        }
    }

    internal TypeId Identify(TypeDefinitionHandle handle)
    {
        var type = _metadata.GetTypeDefinition(handle);
        while (!type.GetDeclaringType().IsNil)
        {
            type = _metadata.GetTypeDefinition(type.GetDeclaringType());
        }

        return new TypeId(Name, _metadata.GetString(type.Namespace), _metadata.GetString(type.Name));
    }

    internal TypeId Identify(TypeReferenceHandle handle)
    {
        var type = _metadata.GetTypeReference(handle);
        while (type.ResolutionScope.Kind == HandleKind.TypeReference)
        {
            type = _metadata.GetTypeReference((TypeReferenceHandle)type.ResolutionScope);
        }

        var assembly = type.ResolutionScope.Kind == HandleKind.AssemblyReference
            ? _metadata.GetString(_metadata.GetAssemblyReference((AssemblyReferenceHandle)type.ResolutionScope).Name)
            : Name;
        return new TypeId(assembly, _metadata.GetString(type.Namespace), _metadata.GetString(type.Name));
    }
}
