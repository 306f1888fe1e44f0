using System.Globalization;
using Defuse.Devices;

namespace Defuse.Cli.Json;

/// <summary>What is known of how a chip protects its memory.</summary>
/// <param name="ReadOut">unknown, none, half, level1 or permanent.</param>
/// <param name="Evidence">How that is known.</param>
/// <param name="WriteProtected">The parts of flash that are known to be write-protected.</param>
/// <param name="WriteProtectionUnknown">The parts of flash of which it is not known.</param>
internal sealed record JsonProtection(string ReadOut, string Evidence, JsonRange[] WriteProtected, JsonRange[] WriteProtectionUnknown)
{
    public static JsonProtection Of(MemoryProtection protection) => new(
        protection.ReadOut.ToString().ToLower(CultureInfo.InvariantCulture),
        protection.Evidence,
        JsonRange.Of(protection.WriteProtected),
        JsonRange.Of(protection.WriteProtectionUnknown));
}
