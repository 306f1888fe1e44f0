using System.Collections.Immutable;
using Defuse.Images;
using Defuse.Planning;
using Defuse.Targets;

namespace Defuse.Programming;

/// <summary>Keeps what is known of every range while a plan runs, and tells of each change.</summary>
internal sealed class RangeAccount(IProgress<ProgrammingEvent>? progress)
{
    private readonly RangeStates _states = new();

    /// <summary>How many bytes were read back and are as they should be.</summary>
    public long BytesVerified { get; private set; }

    /// <summary>What was read back and is not as it should be; null if nothing is.</summary>
    public MemoryDifference? Difference { get; private set; }

    public ImmutableArray<ReportedRange> Ranges => _states.ToImmutable();

    /// <summary>Takes ranges in that nothing has been done to.</summary>
    public void Open(IEnumerable<AddressRange> ranges)
    {
        foreach (var range in ranges)
        {
            _states.Set(range, RangeState.Untouched);
        }
    }

    public void Mark(AddressRange range, RangeState state)
    {
        _states.Set(range, state);
        progress?.Report(new ProgrammingEvent.StateChanged(range, state));
    }

    /// <summary>Forgets what was compared, so that it is counted again.</summary>
    public void RestartVerification() => BytesVerified = 0;

    /// <summary>Every byte of the image was compared, and nothing has changed since.</summary>
    public void VerifiedAll(FlashPlan plan) => BytesVerified = plan.Image.ByteCount;

    /// <summary>Compares a block that was read back with the image.</summary>
    /// <param name="block">The block.</param>
    /// <param name="image">What should be there.</param>
    /// <param name="expected">As long as the block; overwritten.</param>
    public void Compare(MemoryBlock block, FirmwareImage image, Span<byte> expected)
    {
        if (!image.TryRead(block.Address, expected))
        {
            throw new InvalidOperationException("The plan reads what the image does not hold.");
        }

        var found = block.Data.Span;
        var same = expected.CommonPrefixLength(found);
        Mark(block.Range, RangeState.Verified);
        if (same == found.Length)
        {
            BytesVerified += found.Length;
            return;
        }

        long count = 0;
        var end = same;
        for (var i = same; i < found.Length; i++)
        {
            if (expected[i] != found[i])
            {
                count++;
                end = i + 1;
            }
        }

        BytesVerified += found.Length - count;
        var address = (uint)(block.Address + same);

        // The sweep does not read in order of addresses, and people look for the lowest one.
        Difference = Difference is { } earlier && earlier.Address < address
            ? earlier with { Count = earlier.Count + count }
            : new MemoryDifference(address, expected[same], found[same], (Difference?.Count ?? 0) + count);
        Mark(new AddressRange(address, end - same), RangeState.Different);
    }
}
