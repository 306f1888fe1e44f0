
namespace Defuse.Tests.PublicApi;

public sealed class GoldenTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName(), "example.txt");

    public void Dispose()
    {
        if (Directory.Exists(Path.GetDirectoryName(_path)))
        {
            Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_a_difference() =>
        Assert.Contains("There is no", Golden.Difference(_path, "one", accept: false), StringComparison.Ordinal);

    [Fact]
    public void What_was_accepted_is_equal_whatever_its_line_endings()
    {
        Assert.Null(Golden.Difference(_path, "one\r\ntwo\r\n", accept: true));
        Assert.Null(Golden.Difference(_path, "one\ntwo", accept: false));
        Assert.Equal("one\ntwo\n", File.ReadAllText(_path));
    }

    [Fact]
    public void A_difference_names_the_lines_and_the_way_to_accept_it()
    {
        Golden.Difference(_path, "one\ntwo\nthree\nfour\nfive", accept: true);
        var difference = Golden.Difference(_path, "one\n2\nthree\nfive\nsix", accept: false)!.Split('\n');
        Assert.Equal(["    2 - two", "    2 + 2", "    4 - four", "    5 + six"], difference[1..^1]);
        Assert.Contains("DEFUSE_ACCEPT=1", difference[^1], StringComparison.Ordinal);
    }
}
