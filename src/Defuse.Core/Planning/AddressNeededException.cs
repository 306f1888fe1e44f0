using System.Globalization;

namespace Defuse.Planning;

/// <summary>A file carries no addresses, and nothing tells where its bytes belong.</summary>
public sealed class AddressNeededException : DefuseException
{
    /// <param name="why">Why the start of flash is not it, as half a sentence.</param>
    /// <param name="likely">Where its first byte probably goes; null if nothing says so.</param>
    public AddressNeededException(string why, uint? likely = null)
        : base(
            $"the file holds raw bytes without addresses, and {why}",
            remedy: likely is { } address
                ? string.Create(CultureInfo.InvariantCulture, $"if that is meant, say --address 0x{address:X8}; what built the file knows")
                : "say where its first byte goes with --address ADDRESS; what built the file knows")
    {
    }
}
