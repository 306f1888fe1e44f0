namespace Defuse.Tests.Architecture;

internal static class AssertThat
{
    /// <summary>Fails with every offender on a line of its own.</summary>
    public static void None<T>(IEnumerable<T> offenders)
    {
        var lines = offenders.Select(x => $"{x}").Order(StringComparer.Ordinal).ToList();
        if (lines.Count > 0)
        {
            Assert.Fail(string.Join('\n', lines.Prepend($"{lines.Count} that should not be:")));
        }
    }
}
