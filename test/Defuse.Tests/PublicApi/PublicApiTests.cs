using System.Reflection;

namespace Defuse.Tests.PublicApi;

public class PublicApiTests
{
    [Theory]
    [InlineData("Defuse.Core")]
    [InlineData("Defuse.UsbIp")]
    [InlineData("Defuse.Platform")]
    [InlineData("Defuse.Simulator")]
    [InlineData("Defuse")]
    public void The_public_API_is_the_one_that_was_looked_over(string library) =>
        Golden.Check(library, ApiText.Of(Assembly.Load(library).GetExportedTypes()), "PublicApi");

    [Fact]
    public void Types_and_members_are_rendered_as_they_are_declared() =>
        Golden.Check("Example", ApiText.Of([typeof(Example<>), typeof(Example<>.Kind), typeof(Example<>.Change), typeof(IExample), typeof(Point)]), "PublicApi");
}
