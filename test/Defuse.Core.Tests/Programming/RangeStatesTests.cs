using Defuse.Images;
using Defuse.Programming;

namespace Defuse.Core.Tests.Programming;

public sealed class RangeStatesTests
{
    [Fact]
    public void The_account_equals_that_of_an_array_with_one_state_a_byte()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var states = new RangeStates();
            var bytes = new RangeState?[300];
            for (var step = 0; step < 40; step++)
            {
                var start = random.Next(bytes.Length);
                var length = random.Next(1, Math.Min(60, bytes.Length - start) + 1);
                var state = (RangeState)random.Next(6);
                states.Set(new AddressRange((uint)start, length), state);
                bytes.AsSpan(start, length).Fill(state);

                Assert.Equal(Runs(bytes), states.ToImmutable());
            }
        }
    }

    [Fact]
    public void Both_ends_of_the_address_space_have_states()
    {
        var states = new RangeStates();

        states.Set(new AddressRange(0, AddressRange.AddressSpaceEnd), RangeState.Untouched);
        states.Set(new AddressRange(0xFFFFFFFF, 1), RangeState.Written);
        states.Set(new AddressRange(0, 1), RangeState.Blank);

        Assert.Equal(
            [RangeState.Blank, RangeState.Untouched, RangeState.Written],
            states.ToImmutable().Select(x => x.State));
    }

    private static IEnumerable<ReportedRange> Runs(RangeState?[] bytes)
    {
        for (var start = 0; start < bytes.Length;)
        {
            var end = start + 1;
            while (end < bytes.Length && bytes[end] == bytes[start])
            {
                end++;
            }

            if (bytes[start] is { } state)
            {
                yield return new ReportedRange(new AddressRange((uint)start, end - start), state);
            }

            start = end;
        }
    }
}
