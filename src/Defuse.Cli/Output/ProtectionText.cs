using Defuse.Devices;

namespace Defuse.Cli.Output;

/// <summary>What is known of protection, for people.</summary>
internal static class ProtectionText
{
    public static IEnumerable<string> Of(MemoryProtection protection)
    {
        yield return $"read-out protection: {protection.ReadOutText}; {protection.Evidence}";
        var closed = protection.WriteProtected.IsEmpty ? "none" : string.Join(", ", protection.WriteProtected);
        var unknown = protection.WriteProtectionUnknown.IsEmpty ? "" : $"; not known of {string.Join(", ", protection.WriteProtectionUnknown)}";
        if (protection.ReadOut != ReadOutProtection.Unknown || !protection.WriteProtected.IsEmpty)
        {
            yield return $"write-protected: {closed}{unknown}";
        }
    }
}
