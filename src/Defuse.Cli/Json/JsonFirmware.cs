using System.Globalization;
using Defuse.Cli.Output;
using Defuse.Inspection;

namespace Defuse.Cli.Json;

/// <summary>What firmware says that it is.</summary>
internal sealed record JsonFirmware(
    string Name, string? Version, string? Date, string? Board, string? Mcu, string Kind, string Evidence, string EvidenceAddress)
{
    public static JsonFirmware Of(FirmwareIdentity identity) => new(
        identity.Name,
        identity.Version,
        identity.Date is { } date ? date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : null,
        identity.Board,
        identity.Mcu,
        identity.Kind.ToString().ToLower(CultureInfo.InvariantCulture),
        identity.Evidence,
        Texts.Address(identity.EvidenceAddress));
}
