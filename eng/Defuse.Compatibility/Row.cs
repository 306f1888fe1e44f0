using System.Collections.Immutable;
using System.Globalization;
using Defuse.Simulator;

namespace Defuse.Compatibility;

/// <summary>A board of the table.</summary>
/// <param name="Name">Its name in an address.</param>
/// <param name="Options">Its options.</param>
/// <param name="Address">Where images go; null for the start of flash.</param>
/// <param name="AlternateSetting">Of a device that takes whole images, where they go; null for a device with memory.</param>
/// <param name="IsUnsteady">Whether what becomes of a tool that repeats nothing is a matter of how quickly it asks.</param>
internal sealed record Row(
    string Name, ImmutableSortedDictionary<string, string> Options, uint? Address = null, byte? AlternateSetting = null, bool IsUnsteady = false)
{
    public string Title => Options.IsEmpty ? Name : $"{Name}?{string.Join('&', Options.Select(x => string.Create(CultureInfo.InvariantCulture, $"{x.Key}={x.Value}")))}";

    public bool CanBeProtected => SimulatedBoardCatalog.Boards.Single(x => x.Name == Name).Options.Any(x => x.Name == "rdp");

    public bool TakesWholeImages => AlternateSetting is not null;
}
