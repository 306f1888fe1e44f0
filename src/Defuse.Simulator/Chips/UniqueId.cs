using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Defuse.Simulator.Chips;

/// <summary>The 96-bit unique device identifiers of simulated chips.</summary>
internal static class UniqueId
{
    public const int Size = 12;

    /// <summary>An identifier that is the same for the same board and instance, and another for any other.</summary>
    /// <remarks>
    /// Shaped like a real one: wafer coordinates, wafer number, then the lot number in ASCII (RM0090, "Unique device ID register").
    /// </remarks>
    public static byte[] Of(string board, int instance)
    {
        var seed = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{board}#{instance}")));
        var id = new byte[Size];
        id[0] = seed[0];
        id[2] = seed[1];
        id[4] = (byte)(1 + (seed[2] % 25));
        for (var i = 5; i < Size; i++)
        {
            id[i] = (byte)('0' + (seed[i] % 10));
        }

        return id;
    }
}
