namespace Defuse.Tests.Architecture;

public class StaticStateTests
{
    public static TheoryData<string> Libraries => [.. Built.Libraries];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void A_library_has_no_static_state(string library) => AssertThat.None(Built.Library(library).MutableStatics);
}
