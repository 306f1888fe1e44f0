using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Text;
using Defuse.Devices;
using Defuse.Images;
using Defuse.Inspection;

namespace Defuse.Core.Tests.Inspection;

/// <summary>Images and chips to inspect.</summary>
internal static class Images
{
    public const uint Flash = 0x0800_0000;

    /// <summary>Texts as a linker puts them: behind code, each closed by a zero and aligned to four bytes.</summary>
    public static FirmwareImage OfStrings(params string[] strings)
    {
        var bytes = new List<byte>([0x00, 0xBF, 0x70, 0x47]);
        foreach (var text in strings)
        {
            bytes.AddRange(Encoding.Latin1.GetBytes(text));
            do
            {
                bytes.Add(0);
            }
            while (bytes.Count % 4 != 0);
        }

        return FirmwareImage.FromBytes(Flash, bytes.ToArray());
    }

    /// <summary>A program of functions that begin with a push, with pointers to many of them.</summary>
    public static byte[] Program(int length, uint address, uint stack = 0x2000_1000, int seed = 1)
    {
        var random = new Random(seed);
        var bytes = new byte[length];
        random.NextBytes(bytes);
        bytes.AsSpan(0, 64).Clear();
        var functions = Enumerable.Range(4, (length / 64) - 5).Select(i => i * 64).ToArray();
        foreach (var function in functions)
        {
            (bytes[function], bytes[function + 1]) = (0x10, 0xB5);
        }

        void Word(int at, uint value) => BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(at), value);
        Word(0, stack);
        foreach (var vector in (int[])[1, 2, 3, 11, 14, 15])
        {
            Word(vector * 4, (uint)(address + functions[random.Next(functions.Length)] + 1));
        }

        foreach (var function in functions)
        {
            Word(function + 60, (uint)(address + functions[random.Next(functions.Length)] + 1));
        }

        return bytes;
    }

    public static FirmwareImage Of(params (uint Address, byte[] Bytes)[] parts)
    {
        var builder = new FirmwareImageBuilder();
        foreach (var (address, bytes) in parts)
        {
            builder.Add(address, bytes);
        }

        return builder.Build();
    }

    public static ImmutableArray<FirmwareIdentity> Identify(params string[] strings) => FirmwareIdentity.FindAll(OfStrings(strings));
}
