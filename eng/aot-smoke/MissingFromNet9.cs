using System.Buffers;
using System.Runtime.Intrinsics;
using System.Text;

namespace Defuse;

/// <summary>What .NET 10 has and .NET 9 lacks, so that the ahead-of-time compiler of the latter can be tried.</summary>
internal static class MissingFromNet9
{
    extension(Convert)
    {
        public static OperationStatus FromHexString(ReadOnlySpan<byte> digits, Span<byte> bytes, out int consumed, out int written) =>
            Convert.FromHexString(Encoding.Latin1.GetString(digits), bytes, out consumed, out written);
    }

    extension(Vector128)
    {
        public static Vector128<byte> SubtractSaturate(Vector128<byte> left, Vector128<byte> right) => left - Vector128.Min(left, right);

        public static Vector128<byte> AddSaturate(Vector128<byte> left, Vector128<byte> right) =>
            left + Vector128.Min(right, Vector128<byte>.AllBitsSet - left);
    }
}
