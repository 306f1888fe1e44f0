using System.Buffers.Binary;
using System.Collections.Immutable;

namespace Defuse.Inspection;

/// <summary>
/// Finds where raw bytes were linked to run. A program is full of pointers to its own functions, and most functions begin
/// by pushing the link register; only at the right address do pointers and pushes meet. The vectors alone do not tell:
/// shift a program by a sector, and they still point into it.
/// </summary>
internal static class BaseAddressSearch
{
    private const uint Flash = 0x0800_0000;
    private const uint FlashSpace = 0x0100_0000;
    private const uint Step = 0x400;
    private const uint FarthestOffset = 0x10_0000;
    private const int Vectors = 16;
    private const int FewestHandlers = 3;
    private const int MostPointers = 4096;

    // By chance one pointer in forty looks right; the right address has one in four.
    private const int Lead = 3;
    private const int FewestAgreeing = 8;
    private const int MostCandidates = 4;

    /// <summary>The addresses that the vectors allow, the likeliest first; empty if the bytes begin with no vector table.</summary>
    public static ImmutableArray<BaseAddress> Find(ReadOnlySpan<byte> data)
    {
        if (Handlers(data) is not { } handlers)
        {
            return [];
        }

        if (handlers.Last < Flash)
        {
            return handlers.Last + 1 <= data.Length ? [new BaseAddress(0, 0, 0)] : [];
        }

        var pointers = Pointers(data);
        var found = new List<BaseAddress>();
        for (var address = Flash; address < Flash + FarthestOffset; address += Step)
        {
            if (handlers.First - 1 < address)
            {
                break;
            }

            if (handlers.Last - 1 + 2 > address + (long)data.Length)
            {
                continue;
            }

            var agreeing = 0;
            foreach (var pointer in pointers)
            {
                var offset = pointer - 1L - address;
                if (offset >= 0 && offset + 2 <= data.Length && IsPush(data[(int)offset..]))
                {
                    agreeing++;
                }
            }

            found.Add(new BaseAddress(address, agreeing, pointers.Count));
        }

        return [.. found.OrderByDescending(x => x.Agreeing).ThenBy(x => x.Address).Take(MostCandidates)];
    }

    /// <summary>The address that is clearly the right one; null if none is.</summary>
    public static uint? Decide(ImmutableArray<BaseAddress> candidates) => candidates switch
    {
        [] => null,

        // Linked for address 0, where other makers' chips have their flash, and STM32 a copy of what they start from.
        [{ Address: 0 }] => null,
        [var only] => only.Address == Flash || only.Agreeing >= FewestAgreeing ? only.Address : null,
        [var best, var second, ..] => best.Agreeing >= FewestAgreeing && best.Agreeing >= Lead * second.Agreeing ? best.Address : null,
    };

    private static (uint First, uint Last)? Handlers(ReadOnlySpan<byte> data)
    {
        if (data.Length < Vectors * 4)
        {
            return null;
        }

        var stack = BinaryPrimitives.ReadUInt32LittleEndian(data);
        if (stack % 4 != 0 || stack is < 0x1000_0000 or >= 0x4000_0000)
        {
            return null;
        }

        uint first = uint.MaxValue, last = 0;
        var count = 0;
        for (var i = 1; i < Vectors; i++)
        {
            // The words between UsageFault and SVCall are nobody's, and hold what they like.
            var vector = BinaryPrimitives.ReadUInt32LittleEndian(data[(i * 4)..]);
            if (vector == 0 || i is >= 7 and <= 10 or 13)
            {
                continue;
            }

            if (vector % 2 == 0 || vector >= Flash + FlashSpace)
            {
                return null;
            }

            (first, last) = (Math.Min(first, vector), Math.Max(last, vector));
            count++;
        }

        return count < FewestHandlers || first < Flash != last < Flash ? null : (first, last);
    }

    private static HashSet<uint> Pointers(ReadOnlySpan<byte> data)
    {
        var pointers = new HashSet<uint>();
        for (var i = 0; i + 4 <= data.Length && pointers.Count < MostPointers; i += 4)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(data[i..]);
            if (word % 2 == 1 && word is >= Flash and < Flash + FlashSpace)
            {
                pointers.Add(word);
            }
        }

        return pointers;
    }

    // PUSH {…, LR}, and STMDB SP!, {…} (ARM DDI 0403, A7.7.99).
    private static bool IsPush(ReadOnlySpan<byte> code) =>
        code[1] == 0xB5 || (code[0] == 0x2D && code[1] == 0xE9);
}
