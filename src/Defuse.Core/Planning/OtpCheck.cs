using System.Collections.Immutable;
using Defuse.Images;

namespace Defuse.Planning;

/// <summary>Holds what is to be written to one-time programmable memory against what it holds.</summary>
internal static class OtpCheck
{
    // Flash that is programmed by 8 bytes and more has an error-correcting code over each unit, which is written once.
    private const int SmallestCodedUnit = 8;

    /// <summary>What stands against it; null if nothing does.</summary>
    /// <param name="wanted">The bytes to write.</param>
    /// <param name="found">What is there now; as long.</param>
    /// <param name="unit">The program unit.</param>
    public static Refusal? Check(ImageSegment wanted, ReadOnlySpan<byte> found, int unit)
    {
        var bytes = wanted.Data.Span;
        for (var i = 0; i < bytes.Length; i++)
        {
            var address = (uint)(wanted.Range.Start + i);
            if ((found[i] & bytes[i]) != bytes[i])
            {
                return new Refusal(
                    RefusalKind.Protected,
                    $"one-time programmable memory holds 0x{found[i]:X2} at 0x{address:X8}, and 0x{bytes[i]:X2} would need a bit to go from 0 to 1, which it never does",
                    new AddressRange(address, 1),
                    "write to a part of it that is still blank");
            }
        }

        for (var i = 0; unit >= SmallestCodedUnit && i < bytes.Length; i += unit)
        {
            var there = found.Slice(i, Math.Min(unit, bytes.Length - i));
            if (there.ContainsAnyExcept((byte)0xFF) && !there.SequenceEqual(bytes.Slice(i, there.Length)))
            {
                return new Refusal(
                    RefusalKind.Protected,
                    $"one-time programmable memory at 0x{wanted.Range.Start + i:X8} holds something already, and {unit} bytes of it are written together, once",
                    new AddressRange((uint)(wanted.Range.Start + i), there.Length),
                    "write to a part of it that is still blank");
            }
        }

        return null;
    }

    /// <summary>
    /// A plan without the program units of one-time programmable memory that hold their bytes already: where a unit is written
    /// once, the same bytes again are an error (RM0351, "PROGERR"), and work that was cut off could never be finished.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="found">What the memory holds, where the plan writes to it.</param>
    public static FlashPlan WithoutWritten(FlashPlan plan, FirmwareImage found)
    {
        var writes = ImmutableArray.CreateBuilder<ImageSegment>();
        foreach (var run in plan.Writes)
        {
            if (found.Covers(run.Range))
            {
                writes.AddRange(Missing(run, found.Slice(run.Range).Segments[0].Data.Span, plan.Target.WriteUnit));
            }
            else
            {
                writes.Add(run);
            }
        }

        return plan with { Writes = writes.ToImmutable() };
    }

    private static ImmutableArray<ImageSegment> Missing(ImageSegment run, ReadOnlySpan<byte> found, int unit)
    {
        var missing = new FirmwareImageBuilder();
        for (var i = 0; i < found.Length; i += unit)
        {
            var wanted = run.Data.Span.Slice(i, Math.Min(unit, found.Length - i));
            if (!wanted.SequenceEqual(found.Slice(i, wanted.Length)))
            {
                missing.Add((uint)(run.Range.Start + i), wanted);
            }
        }

        return missing.Build().Segments;
    }
}
