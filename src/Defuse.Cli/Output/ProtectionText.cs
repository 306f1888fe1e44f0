using Defuse.Devices;

namespace Defuse.Cli.Output;

/// <summary>What is known of protection, for people.</summary>
internal static class ProtectionText
{
    public static IEnumerable<string> Of(MemoryProtection protection, MemoryMap memory)
    {
        yield return $"read-out protection: {protection.ReadOutText}; {protection.Evidence}";
        var unknown = protection.WriteProtectionUnknown;
        var isUnknown = !unknown.IsEmpty && memory.Flash is { } flash && flash.Runs.All(x => unknown.Any(y => y.Contains(x.Range)));
        var closed = !protection.WriteProtected.IsEmpty ? string.Join(", ", protection.WriteProtected) : isUnknown ? "not known" : "none";
        var rest = unknown.IsEmpty || isUnknown ? "" : $"; not known of {string.Join(", ", unknown)}";
        if (protection.ReadOut != ReadOutProtection.Unknown || !protection.WriteProtected.IsEmpty)
        {
            yield return $"write-protected: {closed}{rest}";
        }
    }
}
