using System.Reflection;

namespace Defuse.Tests.Architecture;

/// <summary>
/// DESIGN, promise 7: it never prints, never blocks a thread on what can be awaited, takes a CancellationToken, has no static
/// state, and is trim- and AOT-clean. (Blocking calls are banned at compile time, in eng/BannedSymbols.txt.)
/// </summary>
public class Promise_7_the_library_is_a_good_guest
{
    public static TheoryData<string> Libraries => [.. Built.Libraries];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void It_never_prints(string library)
    {
        var scan = Built.Library(library);
        Assert.NotEmpty(scan.Types);
        AssertThat.None(scan.Uses.Where(x => x.To.FullName is "System.Console" or "System.Diagnostics.Debug" or "System.Diagnostics.Trace"));
    }

    [Theory]
    [MemberData(nameof(Libraries))]
    public void What_can_be_awaited_takes_a_token_last(string library) =>
        AssertThat.None(
            from type in Assembly.Load(library).GetExportedTypes()
            from method in type.GetMethods(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly)
            where IsAwaitable(method.ReturnType) && method.Name is not nameof(IAsyncDisposable.DisposeAsync)

            // The compiler gives every delegate one, and nobody can call it.
            where !(type.IsSubclassOf(typeof(Delegate)) && method.Name == "EndInvoke")
            where method.GetParameters().LastOrDefault()?.ParameterType != typeof(CancellationToken)
            select $"{type.FullName}.{method.Name} takes no token");

    [Theory]
    [MemberData(nameof(Libraries))]
    public void It_has_no_static_state(string library) => AssertThat.None(Built.Library(library).MutableStatics);

    [Theory]
    [MemberData(nameof(Libraries))]
    public void It_is_built_trimmable_and_for_AOT(string library)
    {
        var marks = Assembly.Load(library).GetCustomAttributes<AssemblyMetadataAttribute>().Where(x => x.Value == "True").Select(x => x.Key);
        Assert.Contains("IsTrimmable", marks);
        Assert.Contains("IsAotCompatible", marks);
    }

    private static bool IsAwaitable(Type type) =>
        type == typeof(Task) || type == typeof(ValueTask)
        || (type.IsGenericType && type.GetGenericTypeDefinition() is var open
            && (open == typeof(Task<>) || open == typeof(ValueTask<>) || open == typeof(IAsyncEnumerable<>)));
}
