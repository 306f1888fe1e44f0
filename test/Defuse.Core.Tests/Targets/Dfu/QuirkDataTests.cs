using System.Reflection;
using Defuse.DataCompiler;
using Defuse.Targets.Dfu;

namespace Defuse.Core.Tests.Targets.Dfu;

/// <summary>What data/quirks.txt names is there: no quirk without a simulated board that has it, and a test that shows it.</summary>
public sealed class QuirkDataTests
{
    private static readonly Compilation Data = Compilation.Of(DataFolder.Read(Checkout.At("data")));

    public static TheoryData<string> Names => [.. Data.Quirks.Select(x => x.Quirk.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task A_quirk_has_a_simulated_board_that_is_known_by_it_and_a_test(string name)
    {
        var quirk = Data.Quirks.Single(x => x.Quirk.Name == name);
        foreach (var sim in quirk.Sims)
        {
            // Read by the same means as a device's quirks are when it is opened.
            Assert.Contains(name, await NamesOnAsync(sim));
        }

        foreach (var test in quirk.Tests)
        {
            var method = typeof(QuirkDataTests).Assembly.GetTypes()
                .Where(x => x.Name == test.Split('.')[0])
                .Select(x => x.GetMethod(test.Split('.')[1]))
                .FirstOrDefault(x => x is not null);
            Assert.True(method?.GetCustomAttributes<FactAttribute>(inherit: true).Any() == true, $"there is no test {test}");
        }
    }

    [Theory]
    [InlineData("exact DFU in FS Mode", "DFU in FS Mode", true)]
    [InlineData("exact DFU in FS Mode", "DFU in FS Mode 2", false)]
    [InlineData("prefix @Internal Flash", "@Internal Flash  /0x", true)]
    [InlineData("prefix @Internal Flash", "@Internal", false)]
    [InlineData("pattern 3?XJ", "3CXJ", true)]
    [InlineData("pattern 3?XJ", "3CYJ", false)]
    [InlineData("pattern 3?XJ", "3CXJ2", false)]
    [InlineData("pattern 3?XJ", null, false)]
    public void Texts_are_compared_as_the_data_says(string match, string? text, bool matches) =>
        Assert.Equal(matches, DfuTextMatch.Parse(match)!.Value.Matches(text));

    [Fact]
    public async Task Boards_without_a_quirk_are_not_given_one()
    {
        Assert.DoesNotContain("h743-busy-after-erase", await NamesOnAsync("nucleo-h743zi?rev=y"));
        Assert.DoesNotContain("l4-early-poll", await NamesOnAsync("pybv11"));
        Assert.DoesNotContain("f0-xhci", await NamesOnAsync("pybv11"));
        Assert.DoesNotContain("gd32-serial", await NamesOnAsync("nucleo-f767zi"));
        Assert.DoesNotContain("u5-pretends", await NamesOnAsync("nucleo-h743zi"));
    }

    private static async Task<IReadOnlyList<string>> NamesOnAsync(string sim)
    {
        var parts = sim.Split('?');
        var options = parts.Length == 1 ? [] : parts[1].Split('&').Select(x => x.Split('=')).Select(x => (x[0], x[1])).ToArray();
        using var bench = new Programming.Bench(parts[0], options);
        await using var target = await bench.OpenAsync();
        return target.Quirks.Names;
    }
}
